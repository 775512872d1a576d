import Foundation
import GRDB
import Metering

/// How far a backup has come.
package enum BackupProgress: Hashable, Sendable {
    case copying(megabytes: Int64, of: Int64)
    /// The copy is whole and on the disk.
    case checking
    case summing
    /// Copy and manifest are whole, neither has its name yet.
    case described
    /// The copy has its name, its manifest not yet.
    case placed
    case done
}

/// A backup is a copy of the store's pages as of one moment, taken by SQLite's online backup while others write, in
/// one read transaction: in several, a copy begins anew whenever another process writes in between, which on a store
/// that is in use is for ever. While that transaction lasts, nothing that is written can leave the write-ahead log;
/// so a copy that takes too long is given up (decision 012).
extension Store {
    /// Larger, the log is emptied after the copy; else it would keep that size.
    private static let usualLogBytes: Int64 = 128 << 20

    /// Makes `file`, with its manifest `file.json`: all that was committed before this was called, and no half of
    /// anything after. Whoever is killed leaves an earlier `file` whole.
    ///
    /// - Parameters:
    ///   - replace: whether an earlier file of this name is replaced, once the new one is whole.
    ///   - version: the program's, for the manifest.
    ///   - civil, utc: now, by the head-end's clock and by the machine's.
    ///   - pagesPerStep: pages copied between two looks at the log.
    ///   - progress: called between the steps; what it throws ends the backup.
    /// - Throws: `BackupError`, `StoreError`; then nothing is left of it.
    package func backup(
        to file: String, replace: Bool, version: String, civil: Instant, utc: Instant,
        pagesPerStep: Int32 = 4096, progress: (BackupProgress) throws -> Void = { _ in }
    ) throws -> BackupManifest {
        let files = BackupFiles(file: file)
        guard replace || !DurableFile.exists(file) else { throw BackupError.alreadyThere(file: file) }
        guard !file.hasSuffix(BackupFiles.unfinished) else {
            throw BackupError.notWritten(file: file, why: "names that end so are those of unfinished backups")
        }
        guard let lock = try FileLock(path: path + ".backup", waits: false) else {
            throw BackupError.underWay(store: path)
        }
        defer { withExtendedLifetime(lock) {} }
        do {
            try files.settle()
            try DurableFile.make(files.partial)
            do {
                try copy(to: files, pagesPerStep: pagesPerStep, progress)
                let manifest = try describe(
                    files, version: version, civil: civil, utc: utc, progress)
                try progress(.described)
                try files.place()
                try progress(.placed)
                try files.placeManifest()
                try progress(.done)
                return manifest
            } catch {
                try? files.settle()
                throw error
            }
        } catch let failure as FileFailure {
            throw BackupError.notWritten(
                file: file, why: failure.path == file ? failure.why : "\(failure.path): \(failure.why)")
        } catch let error as DatabaseError {
            throw backupError(error, files)
        } catch {
            throw storeError(error, doing: "backing it up to \(file)")
        }
    }

    /// Which of the two files SQLite means can only be told from what it says.
    private func backupError(_ error: DatabaseError, _ files: BackupFiles) -> any Error {
        switch error.resultCode {
        case .SQLITE_FULL: BackupError.notWritten(file: files.file, why: "no space left")
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY:
            BackupError.notWritten(
                file: files.file, why: error.message ?? "SQLite refused (\(error.extendedResultCode))")
        default: storeError(error, doing: "backing it up to \(files.file)")
        }
    }

    // MARK: - Copying

    private func copy(
        to files: BackupFiles, pagesPerStep: Int32, _ progress: (BackupProgress) throws -> Void
    ) throws {
        let most = logLimitBytes / 4
        if logBytes > most { try checkpoint() }
        let before = logBytes
        var configuration = Configuration()
        configuration.label = "backup"
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // Nobody believes it before it is whole, and then it is brought to the disk in one go.
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        }
        let copy = try DatabaseQueue(path: files.partial, configuration: configuration)
        defer { try? copy.close() }
        try pool.read { source in
            let pageBytes = try Int64.fetchOne(source, sql: "PRAGMA page_size") ?? 4096
            // The transaction begins with the first look at a table.
            _ = try Int.fetchOne(source, sql: "SELECT COUNT(*) FROM sqlite_master")
            try copy.inDatabase { target in
                // It is called before this returns, and not kept.
                try withoutActuallyEscaping(progress) { progress in
                    try source.backup(to: target, pagesPerStep: pagesPerStep) { step in
                        let done = Int64(step.completedPageCount) * pageBytes
                        try progress(
                            .copying(megabytes: done >> 20, of: Int64(step.totalPageCount) * pageBytes >> 20))
                        let log = self.logBytes
                        guard step.isCompleted || log <= most || log <= before else {
                            throw BackupError.logGrew(file: files.file, store: self.path, megabytes: log >> 20)
                        }
                    }
                }
            }
        }
        // One file by itself, which can be read from a folder that cannot be written.
        let mode = try copy.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = DELETE") }
        guard mode == "delete" else {
            throw BackupError.notWritten(file: files.file, why: "its journal is \(mode ?? "unknown")")
        }
        try copy.close()
        try DurableFile.sync(files.partial)
        if logBytes > Self.usualLogBytes { try checkpoint() }
    }

    // MARK: - Checking and describing

    private func describe(
        _ files: BackupFiles, version: String, civil: Instant, utc: Instant,
        _ progress: (BackupProgress) throws -> Void
    ) throws -> BackupManifest {
        try progress(.checking)
        let copy = try Self.openForReading(files.partial)
        defer { try? copy.close() }
        let faults = try copy.read { try Self.quickCheck($0) }
        guard faults.isEmpty else { throw BackupError.storeDamaged(store: path, found: faults) }
        try progress(.summing)
        let sum = try DurableFile.sum(files.partial)
        let manifest = try copy.read { db in
            let row = try HotStatement(
                db,
                """
                SELECT (SELECT count FROM total WHERE name = 'hot'), (SELECT COUNT(*) FROM installation),
                  (SELECT MAX(day) FROM closedDay)
                """)
            _ = try row.first()
            let places = try IndexPlaces(db)
            return BackupManifest(
                version: version, schemaSteps: try Schema.appliedSteps(db), taken: civil, takenUTC: utc,
                timeZone: calendar.identifier, bytes: sum.bytes, sha256: sum.sha256, indices: row.integer(0),
                meters: row.integer(1), lastClosedDay: row.optionalDay(2),
                monthsEnd: places.isUntouched ? nil : places.monthsEnd,
                weeksEnd: places.isUntouched ? nil : places.weeksEnd, keptSince: try KeptSince(db))
        }
        try DurableFile.write(try manifest.json(), to: files.manifestPartial)
        return manifest
    }

    /// A connection that only looks. It is not opened as read-only, because SQLite then does not know the CHECK
    /// constraints, and would not check them.
    static func openForReading(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "verification"
        // float: GRDB takes the time-out as TimeInterval.
        configuration.busyMode = .timeout(Double(usualBusyMilliseconds) / 1000)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA query_only = ON") }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// What `PRAGMA quick_check` finds, at most 20 sentences; empty when all is well.
    static func quickCheck(_ db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "PRAGMA quick_check(20)").filter { $0 != "ok" }
    }
}
