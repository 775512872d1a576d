import Glibc

/// The process's limit of open files is too low, and may not be raised.
package struct OpenFileLimitError: Error, CustomStringConvertible {
    package let needed: Int
    package let hardLimit: Int

    package var description: String {
        "\(needed) open files are needed, but the hard limit is \(hardLimit): raise it (LimitNOFILE= in the unit, "
            + "or `ulimit -Hn`) or give this process fewer gateways"
    }
}

package enum OpenFileLimit {
    /// Raises the soft limit to at least `needed` descriptors (often only 1,024 by default).
    package static func raise(toAtLeast needed: Int) throws(OpenFileLimitError) {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < rlim_t(needed) else { return }
        guard limit.rlim_max >= rlim_t(needed) else {
            throw OpenFileLimitError(needed: needed, hardLimit: Int(clamping: limit.rlim_max))
        }
        limit.rlim_cur = rlim_t(needed)
        guard setrlimit(kind, &limit) == 0 else {
            throw OpenFileLimitError(needed: needed, hardLimit: Int(clamping: limit.rlim_max))
        }
    }
}
