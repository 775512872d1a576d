import CEpoll

/// Memory that will be needed soon. With thousands of lines in turn none of theirs is still in the processor's caches,
/// and to wait for it costs as much as all that is done with it: so it is asked for some events ahead, and comes while
/// the events before are at work. Only a hint: nothing is read, and an address that has become stale does no harm.
package enum CacheLines {
    private static let lineBytes = 64

    package static func prefetch(_ start: UnsafeRawPointer, bytes: Int) {
        var offset = 0
        while offset < bytes {
            cache_line_prefetch(start + offset)
            offset += lineBytes
        }
    }
}
