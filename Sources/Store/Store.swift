import Foundation
import GRDB
import GRDBSQLite
import Metering
import Packing
import Synchronization
import VEE

/// The one durable place: registry, readings, daily indices and the health of the fleet, in one SQLite file.
///
/// Whatever returned is durable (WAL, `synchronous=FULL`); whatever threw left nothing behind. One process writes as
/// the daemon; others may read, and write briefly, at the same time. Calls block; make them off the cooperative pool's
/// busy paths.
package final class Store: Sendable {
    package enum Role: Sendable {
        /// Polls and ingests. Only one at a time on a file.
        case daemon
        /// A command beside the daemon: reads, imports a registry, edits.
        case tool
    }

    /// WAL frames before SQLite moves them into the file: 64 MiB of 4 KiB pages.
    private static let checkpointFrames = 16_384
    /// The pages that a batch of a province's night touches, one that makes its series too.
    private static let writerCacheKibibytes = 32_768
    private static let readerCacheKibibytes = 4096

    package let path: String
    package let calendar: ServiceCalendar
    let boundary: DayBoundary
    /// Profile name → highest power in W that such a meter passes.
    let ceilings: [String: Int64]
    let loadProfiles: LoadProfileChoice
    let estimation: EstimationRules
    /// Which registers count which rate.
    let rateRegisters: RateRegisters
    let cache = Mutex(StoreCache())
    let commits = Mutex(CommitDurations())
    let damage = Mutex(Set<String>())
    /// How large the write-ahead log may grow before ingest waits for whoever holds it.
    let logLimitBytes: Int64
    let pool: DatabasePool
    private let busyMilliseconds: Int
    package static let usualBusyMilliseconds = 5000
    private let files: OpenFiles
    private let daemonLock: Mutex<FileLock?>

    /// Opens the store, making or upgrading the file where needed.
    ///
    /// - Parameters:
    ///   - midnightWindow: how far from midnight a reading still counts as measured there.
    ///   - limits: profile name → highest power in W that such a meter passes; a profile without one is not limited.
    ///   - loadProfiles: whose half hours are kept too.
    ///   - estimation: how days without an index are told.
    ///   - rateRegisters: which tariff registers count which rate.
    ///   - logLimitBytes: see `StoreError.logHeld`.
    ///   - busyMilliseconds: how long a call waits for another process that writes.
    /// - Throws: `StoreError` when the file cannot be opened, belongs to something else, was written by a newer
    ///   version, a second daemon runs, or a setting that durability rests on does not hold.
    package init(
        path: String, role: Role, calendar: ServiceCalendar, midnightWindow: Instant.Span = .minutes(15),
        limits: [String: Int64] = [:], loadProfiles: LoadProfileChoice = .nobodys,
        estimation: EstimationRules = .standard, rateRegisters: RateRegisters = .standard,
        logLimitBytes: Int64 = 4 << 30,
        busyMilliseconds: Int = Store.usualBusyMilliseconds
    ) throws {
        self.path = path
        self.logLimitBytes = logLimitBytes
        self.busyMilliseconds = busyMilliseconds
        self.calendar = calendar
        boundary = DayBoundary(calendar: calendar, window: midnightWindow)
        ceilings = limits
        self.loadProfiles = loadProfiles
        self.estimation = estimation
        self.rateRegisters = rateRegisters
        let lockPath = path + ".lock"
        var held: FileLock?
        if role == .daemon {
            held = try FileLock(path: lockPath, waits: false)
            guard held != nil else { throw StoreError.daemonAlreadyRuns(path: path, lock: lockPath) }
        }
        daemonLock = Mutex(held)
        // Two processes that meet on a new file must not both build its tables.
        let opening = try FileLock(path: path + ".open", waits: true)
        defer { withExtendedLifetime(opening) {} }
        guard DurableFile.exists(path) || !DurableFile.exists(Self.restoring(path)) else {
            throw StoreError.restoreUnfinished(path: path)
        }
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(busyMilliseconds))
        } catch {
            throw Self.storeError(error, path: path, doing: "opening it", busyMilliseconds)
        }
        do {
            let isNew = try Self.migrate(pool, path: path)
            try Self.makeDurable(pool, path: path)
            if isNew || role == .daemon { try Self.settle(pool) }
            files = try OpenFiles(path)
        } catch {
            try? pool.close()
            throw Self.storeError(error, path: path, doing: "opening it", busyMilliseconds)
        }
    }

    private static func configuration(_ busyMilliseconds: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        // On where it is wanted (`writeHeldToParents`).
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // For the reading connections too, which the wrapper lets wait twice as long.
            try db.execute(sql: "PRAGMA busy_timeout = \(busyMilliseconds)")
            // Holds for a new file only; read back below.
            try db.execute(sql: "PRAGMA page_size = 4096")
            // Debian compiles it on: deleted rows would be written over with zeros.
            try db.execute(sql: "PRAGMA secure_delete = OFF")
            // Each of the up to five reading connections has its own; the system caches the file besides.
            try db.execute(sql: "PRAGMA cache_size = -\(readerCacheKibibytes)")
        }
        return configuration
    }

    /// Returns whether there was anything to do.
    private static func migrate(_ pool: DatabasePool, path: String) throws -> Bool {
        let migrator = Schema.migrator
        let isCurrent = try pool.read { db in
            // A first opening that was cut short leaves the migrator's own table behind.
            let tables =
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'") ?? 0
            let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            guard tables == 0 || application == Schema.applicationID else {
                throw StoreError.notAStore(path: path, why: "is another program's database")
            }
            if try migrator.hasBeenSuperseded(db) {
                let known = Set(migrator.migrations)
                let unknown = try migrator.appliedIdentifiers(db).subtracting(known).sorted()
                throw StoreError.newerSchema(path: path, unknown: unknown)
            }
            return try migrator.hasCompletedMigrations(db)
        }
        if !isCurrent { try migrator.migrate(pool) }
        return !isCurrent
    }

    /// The pool sets `synchronous` to NORMAL after all preparation, which may lose acknowledged readings with the
    /// power; so it is set again here, and nothing is believed that was not read back.
    private static func makeDurable(_ pool: DatabasePool, path: String) throws {
        try pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointFrames)")
            try db.execute(sql: "PRAGMA cache_size = -\(writerCacheKibibytes)")
            let wanted = [
                ("journal_mode", "wal"), ("synchronous", "2"), ("page_size", "4096"),
                ("secure_delete", "0"), ("wal_autocheckpoint", "\(checkpointFrames)"),
            ]
            for (setting, value) in wanted {
                let found = try String.fetchOne(db, sql: "PRAGMA \(setting)") ?? "unknown"
                guard found == value else {
                    throw StoreError.unsafeSetting(path: path, setting: setting, found: found, wanted: value)
                }
            }
        }
    }

    /// What was written before `synchronous` was FULL, and what a dead process left in the log after a sync that
    /// failed, may be in the log without being on the disk. What is acknowledged later would rest on it, so it goes to
    /// the file first.
    private static func settle(_ pool: DatabasePool) throws {
        do {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.passive) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Another process is just doing it.
        }
    }

    // MARK: - Upkeep

    /// What `PRAGMA integrity_check` and `foreign_key_check` find, one sentence each; empty when all is well.
    package func integrityCheck() throws -> [String] {
        try read("checking its integrity") { db in
            var found = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            let orphans = try HotStatement(db, "PRAGMA foreign_key_check")
            try orphans.start()
            while try orphans.next() {
                found.append("a row of \(orphans.text(0)) refers to a row of \(orphans.text(2)) that is not there")
            }
            return found
        }
    }

    /// Ends all access; a daemon's lock is given back. Calls after it throw `StoreError.closed`.
    package func close() throws {
        // The reading connections first: the last one to go empties the log into the file, which they may not.
        pool.releaseMemory()
        do { try pool.close() } catch { throw storeError(error, doing: "closing it") }
        daemonLock.withLock { $0 = nil }
    }

    // MARK: - Access

    /// A consistent view of the file; writers go on beside it.
    func read<Value>(_ doing: String, _ body: (Database) throws -> Value) throws -> Value {
        do { return try pool.read(body) } catch { throw storeError(error, doing: doing) }
    }

    /// One IMMEDIATE transaction: durable when this returns, undone when it throws.
    func write<Value>(_ doing: String, _ body: (Database) throws -> Value) throws -> Value {
        do {
            return try pool.write { db in
                let value = try body(db)
                try files.check(doing: doing)
                return value
            }
        } catch {
            throw storeError(error, doing: doing)
        }
    }

    /// The same, with SQLite holding each row to its parents: for what comes from outside.
    ///
    /// Else it does not: for each reference of each row it would look the parent up, a quarter of a night's ingest, and
    /// for each row that goes look for children, five times the work of a compaction. Those rows' parents are known to
    /// the one who writes them, and a parent never goes: no statement deletes a registry's row, a series or an origin.
    /// `meterd verify` looks for orphans all the same. The switch makes SQLite prepare every statement anew, so that it
    /// is not for what comes often.
    func writeHeldToParents<Value>(_ doing: String, _ body: (Database) throws -> Value) throws -> Value {
        do {
            return try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = ON")
                defer { try? db.execute(sql: "PRAGMA foreign_keys = OFF") }
                guard try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") == true else {
                    throw StoreError.unsafeSetting(path: path, setting: "foreign_keys", found: "0", wanted: "1")
                }
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try body(db)
                    try files.check(doing: doing)
                    return .commit
                }
                guard let value else { preconditionFailure("a transaction that was committed has a value") }
                return value
            }
        } catch {
            throw storeError(error, doing: doing)
        }
    }

    func storeError(_ error: any Error, doing: String) -> any Error {
        Self.storeError(error, path: path, doing: doing, busyMilliseconds)
    }

    /// No error type of SQLite or of its wrapper leaves this module.
    static func storeError(
        _ error: any Error, path: String, doing: String, _ busyMilliseconds: Int = usualBusyMilliseconds
    ) -> any Error {
        switch error {
        case let error as DatabaseError:
            return storeError(
                code: error.extendedResultCode.rawValue, message: error.message ?? "no message", path: path,
                doing: doing, busyMilliseconds)
        case let error as SQLiteFailure:
            return storeError(code: error.code, message: error.message, path: path, doing: doing, busyMilliseconds)
        case let error as UnknownCode:
            return StoreError.damaged(path: path, doing: doing, message: "\(error.column) holds \(error.code)")
        case is UnpackableIndex:
            return StoreError.damaged(
                path: path, doing: doing, message: "an index below zero, of revision 0 or of another day")
        case let error as DamagedRow:
            return StoreError.damaged(
                path: path, doing: doing, message: "row \(error.key) of \(error.table) cannot be read")
        case let error as RowDecodingError:
            return StoreError.damaged(path: path, doing: doing, message: error.description)
        case let error as CocoaError:
            // The wrapper looks at the log's size when it opens the file.
            return StoreError.cannotOpen(path: path, why: error.localizedDescription)
        default:
            return error
        }
    }

    private static func storeError(
        code: Int32, message: String, path: String, doing: String, _ busyMilliseconds: Int
    ) -> StoreError {
        switch code & 0xFF {
        case SQLITE_FULL: .diskFull(path: path, doing: doing)
        case SQLITE_BUSY, SQLITE_LOCKED: .locked(path: path, doing: doing, milliseconds: busyMilliseconds)
        case SQLITE_CORRUPT: .damaged(path: path, doing: doing, message: message)
        case SQLITE_NOTADB: .notAStore(path: path, why: "is no SQLite database")
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM: .cannotOpen(path: path, why: message)
        case SQLITE_MISUSE: .closed(path: path, doing: doing)
        // The shared memory beside the file could not grow, which has no answer of its own.
        case SQLITE_IOERR where code >> 8 == sharedMemorySize: .diskFull(path: path, doing: doing)
        case SQLITE_IOERR: .diskFailed(path: path, doing: doing, code: code, message: message)
        default: .failed(path: path, doing: doing, code: code, message: message)
        }
    }

    /// Of `SQLITE_IOERR_SHMSIZE`, a macro that Swift does not import.
    private static let sharedMemorySize: Int32 = 19
}
