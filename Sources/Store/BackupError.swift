/// Why a backup was not made, or not restored. Every message says what, where and what next.
package enum BackupError: Error, Hashable, Sendable {
    // Of a backup that is made.
    case alreadyThere(file: String)
    /// Another backup of the same store is being made.
    case underWay(store: String)
    /// The file system refused; an earlier backup of this name is as it was.
    case notWritten(file: String, why: String)
    /// The copy itself is not sound, which its store is not then either.
    case storeDamaged(store: String, found: [String])
    /// The copy took so long that the store's write-ahead log grew past what is left to it.
    case logGrew(file: String, store: String, megabytes: Int64)

    // Of a file that shall be restored or verified.
    /// It never was a whole backup.
    case notABackup(file: String, why: String)
    /// It was one, and is not what was written any more.
    case faulty(file: String, why: String)

    // Of the place where it shall be restored.
    case storeThere(path: String)
    /// Another program has the store open.
    case storeInUse(path: String)
    case notRestored(path: String, why: String)

    /// Whether another file must be chosen.
    package var isAboutData: Bool {
        switch self {
        case .notABackup, .faulty: true
        default: false
        }
    }
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyThere(let file):
            "backup \(file): a file is there already; give another name, or --replace to have it replaced once the new "
                + "one is whole"
        case .underWay(let store):
            "store \(store): another backup of it is being made; wait for that one to end"
        case .notWritten(let file, let why):
            "backup \(file): cannot be written: \(why); an earlier backup of this name is as it was; mend that and "
                + "start again"
        case .storeDamaged(let store, let found):
            "store \(store): damaged, found in the copy that was to be its backup: \(found.joined(separator: "; ")); "
                + "no backup was made and earlier ones are as they were; stop meterd and restore the latest"
        case .logGrew(let file, let store, let megabytes):
            "backup \(file): given up, because the write-ahead log of store \(store) had grown to \(megabytes) MB "
                + "meanwhile; start again outside the hours around midnight, or onto a faster disk"
        case .notABackup(let file, let why):
            "backup \(file): \(why); give a file that `meterd backup` has finished, with its manifest beside it"
        case .faulty(let file, let why):
            "backup \(file): \(why); it is not what was written: take another backup, or another copy of this one"
        case .storeThere(let path):
            "store \(path): is there already, nothing was restored; --replace keeps it beside and restores in its place"
        case .storeInUse(let path):
            "store \(path): another program has it open, nothing was restored; end that program (lsof \(path) names "
                + "it) and start again"
        case .notRestored(let path, let why):
            "store \(path): cannot be restored: \(why); mend that and start again"
        }
    }
}
