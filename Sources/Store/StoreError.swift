import Metering

/// Why the store did not do what was asked, sorted by who must act. Every message says what, where and what next.
package enum StoreError: Error, Hashable, Sendable {
    // The operator of the machine.
    /// The file, its folder or its lock cannot be opened.
    case cannotOpen(path: String, why: String)
    /// Another daemon holds `lock`.
    case daemonAlreadyRuns(path: String, lock: String)
    /// A restore was interrupted while nothing was at the store's place.
    case restoreUnfinished(path: String)
    /// No space left; nothing of the interrupted operation was kept.
    case diskFull(path: String, doing: String)
    /// The disk, or the way to it, did not do what SQLite asked for; its extended result code.
    case diskFailed(path: String, doing: String, code: Int32, message: String)
    /// Another process held the write lock for longer than these milliseconds.
    case locked(path: String, doing: String, milliseconds: Int)
    /// Deleted, moved or replaced under the running store; `file` is the one that is not where it was.
    case goneFile(path: String, doing: String, file: String)
    /// The write-ahead log has reached its limit and a reader keeps it from being emptied.
    case logHeld(path: String, doing: String, megabytes: Int64)
    /// SQLite found its own pages inconsistent.
    case damaged(path: String, doing: String, message: String)
    /// Any other refusal of SQLite, with its extended result code.
    case failed(path: String, doing: String, code: Int32, message: String)
    /// The store was closed before.
    case closed(path: String, doing: String)

    // The one who chose the file.
    /// A database, but not one of meterd's.
    case notAStore(path: String, why: String)
    /// Written by a newer meterd; `unknown` are the schema steps this one has never heard of.
    case newerSchema(path: String, unknown: [String])
    /// A setting that durability rests on did not hold.
    case unsafeSetting(path: String, setting: String, found: String, wanted: String)

    // The one who asks.
    /// The registry contradicts itself or what is stored; one sentence each. Nothing was imported.
    case registryRefused([String])
    case unknownUsagePoint(String)
    case nothingInService(usagePoint: String, day: ServiceDay)
    /// No index of the import register is known from `from` to `through`, both inclusive.
    case noIndex(usagePoint: String, from: ServiceDay, through: ServiceDay)
    case indexRefused(usagePoint: String, day: ServiceDay, why: String)
    /// Nothing was done about any case.
    case actRefused(why: String)
    /// A transformer station's own meter has no bill.
    case notBilled(usagePoint: String)
    /// What a meter shows from one index to a later one is nothing that can be billed.
    case noConsumption(usagePoint: String, serial: String, from: DailyIndex, to: DailyIndex)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let why):
            "store \(path): cannot be opened: \(why); check the folder, its owner and its permissions"
        case .daemonAlreadyRuns(let path, let lock):
            "store \(path): another meterd already runs on it (it holds \(lock)); stop that one first"
        case .restoreUnfinished(let path):
            "store \(path): a restore was interrupted before its end (it left \(Store.restoring(path))); run `meterd "
                + "restore` again, or remove that file to begin a new store"
        case .diskFull(let path, let doing):
            "store \(path): no space left while \(doing); nothing of it was kept; free space and it is tried again"
        case .diskFailed(let path, let doing, let code, let message):
            "store \(path): the disk failed while \(doing) (SQLite \(code): \(message)); nothing of it counts as "
                + "stored, it is tried again; look at the kernel's log and at the disk"
        case .locked(let path, let doing, let milliseconds):
            "store \(path): another process kept it locked for more than \(milliseconds) ms while \(doing); "
                + "nothing of it was kept; it is tried again"
        case .logHeld(let path, let doing, let megabytes):
            "store \(path): its write-ahead log has grown to \(megabytes) MB because another program keeps a read "
                + "transaction open, found before \(doing); end that program (lsof \(path)-wal names it); nothing "
                + "is written until then, and readings wait"
        case .goneFile(let path, let doing, let file):
            "store \(path): \(file) was deleted, moved or replaced while in use, found while \(doing); nothing more "
                + "is stored; put that very file back, or stop meterd, restore the latest backup and start again"
        case .damaged(let path, let doing, let message):
            "store \(path): damaged, found while \(doing): \(message); stop meterd and restore the latest backup"
        case .failed(let path, let doing, let code, let message):
            "store \(path): SQLite refused (\(code)) while \(doing): \(message); nothing of it was kept; should it "
                + "be refused again, report it with this line"
        case .closed(let path, let doing):
            "store \(path): was closed before \(doing)"
        case .notAStore(let path, let why):
            "store \(path): \(why); give the path of a meterd store, or of a file that does not exist yet"
        case .newerSchema(let path, let unknown):
            "store \(path): written by a newer meterd (schema steps unknown here: \(unknown.joined(separator: ", "))); "
                + "start that version, or restore a backup from before the upgrade"
        case .unsafeSetting(let path, let setting, let found, let wanted):
            "store \(path): \(setting) is \(found), must be \(wanted); not started, because readings could be lost; "
                + "start again, and should it stay so, look at the disk and at who else changes the file"
        case .registryRefused(let faults):
            "registry refused, nothing imported:\n" + faults.joined(separator: "\n")
        case .unknownUsagePoint(let name):
            "usage point \(name): not in the registry; import it, or look for it by customer or meter serial"
        case .nothingInService(let usagePoint, let day):
            "usage point \(usagePoint): no meter in service on \(day); check the dates in meters.csv"
        case .noIndex(let usagePoint, let from, let through):
            "usage point \(usagePoint): no index of register import is known from \(from) to \(through); "
                + "see its meter's failures in the control centre"
        case .indexRefused(let usagePoint, let day, let why):
            "usage point \(usagePoint), \(day): index refused: \(why)"
        case .actRefused(let why): "nothing done: \(why)"
        case .notBilled(let usagePoint):
            "usage point \(usagePoint): is a transformer station's own meter, which is not billed; meterd balance has "
                + "what it counts"
        case .noConsumption(let usagePoint, let serial, let from, let to):
            "usage point \(usagePoint): meter \(serial) stood at \(from.index) on \(from.day) (\(from.quality.name)) "
                + "and at \(to.index) on \(to.day) (\(to.quality.name)), which cannot be billed; "
                + "see which index is wrong and edit it"
        }
    }
}
