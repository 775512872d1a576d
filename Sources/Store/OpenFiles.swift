import Glibc

/// The files that a store has open, by what they are rather than by name. SQLite goes on without a word when one is
/// deleted or replaced under it: what is written then goes with the last process that has it open, and without the
/// `-shm` file the next process to come would not see this one's locks.
struct OpenFiles: Sendable {
    private struct Identity: Equatable {
        let device: dev_t
        let file: ino_t

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            file = status.st_ino
        }
    }

    private let path: String
    private let files: [(path: String, identity: Identity)]

    /// Of a store that has just been opened.
    init(_ path: String) throws {
        self.path = path
        files = try [path, path + "-wal", path + "-shm"].map { file in
            guard let identity = Identity(file) else {
                throw StoreError.goneFile(path: path, doing: "opening it", file: file)
            }
            return (file, identity)
        }
    }

    /// Costs some microseconds.
    /// - Throws: `StoreError.goneFile` unless each is still where it was.
    func check(doing: String) throws {
        for (file, identity) in files where Identity(file) != identity {
            throw StoreError.goneFile(path: path, doing: doing, file: file)
        }
    }
}
