import Foundation
import GRDB
import Metering
import Synchronization
import Testing

@testable import Store

@Suite("Backup and restore")
struct BackupTests {
    /// A book with some days, its backup and a place where it is restored.
    final class Vault {
        let book: LogBook
        let file: String
        /// Of the store that is restored.
        let path: String

        init(_ entries: String = "frozen 05-02 00:10 05-02 1000\nfrozen 05-04 00:10 05-04 1500\nclose 05-04") throws {
            book = try LogBook()
            try book.write(entries)
            try FileManager.default.createDirectory(
                at: book.folder.appending(path: "elsewhere"), withIntermediateDirectories: true)
            file = book.folder.appending(path: "backup.sqlite").path
            path = book.folder.appending(path: "elsewhere/meterd.sqlite").path
        }

        @discardableResult
        func back(
            up store: Store? = nil, replace: Bool = false, pagesPerStep: Int32 = 4096,
            progress: (BackupProgress) throws -> Void = { _ in }
        ) throws -> BackupManifest {
            try (store ?? book.store).backup(
                to: file, replace: replace, version: "1.2.3", civil: book.instant("05-05 03:00"),
                utc: book.instant("06-01 07:00"),
                pagesPerStep: pagesPerStep,
                progress: progress)
        }

        @discardableResult
        func restore(
            _ file: String? = nil, replace: Bool = false, progress: (RestoreProgress) throws -> Void = { _ in }
        ) throws -> Restoration {
            try Store.restore(
                file ?? self.file, to: path, replace: replace, utc: book.instant("06-02 07:00"), progress: progress)
        }

        func clear() throws {
            for name in [path, path + "-wal", path + "-shm"] { try DurableFile.remove(name) }
        }

        func restored() throws -> Store { try Store(path: path, role: .tool, calendar: .vietnam) }

        var names: [String] { Self.names(in: book.folder) }
        static func names(in folder: URL) -> [String] {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
        }
    }

    static func dump(_ store: Store) throws -> [String] {
        var rows: [String] = []
        try store.forEachRow { rows.append("\($0): \($1)") }
        return rows
    }

    @Test("a backup is restored with every row, and its manifest says what it is")
    func roundTrip() throws {
        let vault = try Vault()
        let manifest = try vault.back()
        #expect(vault.names.filter { $0.hasPrefix("backup") } == ["backup.sqlite", "backup.sqlite.json"])
        #expect(manifest.indices == 3 && manifest.meters == 1 && manifest.lastClosedDay == vault.book.day("05-04"))
        #expect(manifest.monthsEnd == nil && manifest.sha256.count == 64)
        #expect(manifest.schemaSteps == Schema.migrator.migrations)
        let json = try String(contentsOfFile: vault.file + ".json", encoding: .utf8)
        #expect(json.contains(#""taken" : "2025-05-05T03:00:00+07:00""#), "\(json)")
        #expect(json.contains(#""taken_utc" : "2025-06-01T00:00:00Z""#), "\(json)")
        #expect(json.contains(#""meterd" : "1.2.3""#))

        let restoration = try vault.restore()
        #expect(restoration == Restoration(manifest: manifest, keptAs: nil, stepsBehind: []))
        let store = try vault.restored()
        defer { try? store.close() }
        #expect(try Self.dump(store) == vault.book.dump())
        #expect(try store.integrityCheck() == [])
    }

    @Test("what was acknowledged before the backup began is in it, however much is written meanwhile")
    func whileIngesting() throws {
        let vault = try Vault()
        let store = vault.book.store
        let start = vault.book.instant("05-05 00:00")
        /// The minute of the last reading acknowledged.
        let acknowledged = Mutex(0)
        let isOver = Mutex(false)
        let ended = DispatchSemaphore(value: 0)
        let began = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            defer { ended.signal() }
            for minute in 1..<100_000 where !isOver.withLock({ $0 }) {
                let at = start + .minutes(Int64(minute))
                let poll = PollOutcome(
                    meter: MeterID(1), gateway: "G1", unit: 1, transaction: UInt16(truncatingIfNeeded: minute),
                    profile: "sdm630/1", requested: at - .seconds(1), answered: at,
                    result: .success([LogBook.live(2000 + Int64(minute))]))
                guard (try? store.ingest([poll])) != nil else { return }
                acknowledged.withLock { $0 = minute }
                if minute == 20 { began.signal() }
            }
        }
        began.wait()
        defer {
            isOver.withLock { $0 = true }
            ended.wait()
        }
        for _ in 0..<5 {
            let before = acknowledged.withLock { $0 }
            // Another process, as the command is.
            let tool = try Store(path: vault.book.path, role: .tool, calendar: .vietnam)
            // Each step waits for the other to have written: a copy in several transactions would begin anew.
            try vault.back(up: tool, replace: true, pagesPerStep: 10) { progress in
                guard case .copying = progress else { return }
                let seen = acknowledged.withLock { $0 }
                while acknowledged.withLock({ $0 }) == seen { sched_yield() }
            }
            try tool.close()
            try vault.clear()
            try vault.restore()
            let restored = try vault.restored()
            let dial = try #require(
                try restored.read("looking") { db in try DialTable.dial(of: MeterID(1), db) }?.entries.first?.last)
            #expect(dial.index >= Energy(wattHours: 2000 + Int64(before)))
            #expect(try restored.integrityCheck() == [])
            try restored.close()
        }
    }

    @Test("a copy during which the log grows past its share is given up; the earlier backup stays")
    func logGrows() throws {
        let vault = try Vault()
        try vault.back()
        let earlier = try Data(contentsOf: URL(fileURLWithPath: vault.file))
        let tool = try Store(path: vault.book.path, role: .tool, calendar: .vietnam, logLimitBytes: 800_000)
        defer { try? tool.close() }
        var minute: Int64 = 0
        let error = #expect(throws: BackupError.self) {
            try vault.back(up: tool, replace: true, pagesPerStep: 1) { progress in
                guard case .copying = progress else { return }
                for _ in 0..<10 {
                    minute += 1
                    let at = vault.book.instant("05-05 00:00") + .minutes(minute)
                    try vault.book.ingest([
                        PollOutcome(
                            meter: MeterID(1), gateway: "G1", unit: 1, transaction: 1, profile: "sdm630/1",
                            requested: at - .seconds(1), answered: at, result: .success([LogBook.live(2000 + minute)]))
                    ])
                }
            }
        }
        #expect(try #require(error).description.contains("given up, because the write-ahead log"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: vault.file)) == earlier)
        #expect(vault.names.filter { $0.contains("partial") } == [])
        // What was held is let go: the log can be emptied.
        try vault.book.store.checkpoint()
        #expect(vault.book.store.logBytes == 0)
    }

    @Test("an existing file is refused unless it may be replaced, and another backup under way is named")
    func refusals() throws {
        let vault = try Vault()
        try vault.back()
        #expect(throws: BackupError.alreadyThere(file: vault.file)) { try vault.back() }
        try vault.back(replace: true) { _ in
            #expect(throws: BackupError.underWay(store: vault.book.path)) { try vault.back(replace: true) }
        }
        let nowhere = "/nowhere/at/all/backup.sqlite"
        let error = #expect(throws: BackupError.self) {
            try vault.book.store.backup(
                to: nowhere, replace: false, version: "1", civil: Instant(seconds: 0), utc: Instant(seconds: 0))
        }
        #expect(try #require(error).description.contains("\(nowhere).partial: No such file or directory"))
    }

    @Test("killed at any step, a backup leaves a whole one under its name, the earlier or the new")
    func killedBackup() throws {
        let vault = try Vault()
        try vault.back()
        let earlier = try vault.book.dump()
        try vault.book.write("frozen 05-05 00:10 05-05 1700")
        let new = try vault.book.dump()
        var left: [(step: BackupProgress, folder: URL)] = []
        try vault.back(replace: true, pagesPerStep: 20) { step in
            let copy = vault.book.folder.appending(path: "killed\(left.count)")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
            for name in vault.names where name.hasPrefix("backup") {
                try FileManager.default.copyItem(
                    at: vault.book.folder.appending(path: name), to: copy.appending(path: name))
            }
            left.append((step, copy))
        }
        #expect(left.count >= 6)
        for (step, folder) in left {
            func restored() throws -> [String] {
                try vault.clear()
                try vault.restore(folder.appending(path: "backup.sqlite").path)
                let store = try vault.restored()
                defer { try? store.close() }
                return try Self.dump(store)
            }
            let isNew = step == .placed || step == .done
            #expect(try restored() == (isNew ? new : earlier), "\(step)")
            // What was left over is no backup, and the next one clears it away.
            if Vault.names(in: folder).contains("backup.sqlite.partial") {
                #expect(throws: BackupError.self) {
                    try vault.restore(folder.appending(path: "backup.sqlite.partial").path)
                }
            }
            try BackupFiles(file: folder.appending(path: "backup.sqlite").path).settle()
            #expect(Vault.names(in: folder) == ["backup.sqlite", "backup.sqlite.json"], "\(step)")
            #expect(try restored() == (isNew ? new : earlier), "\(step), settled")
        }
    }

    @Test("a damaged store gives no backup, and says so")
    func damagedStore() throws {
        let vault = try Vault()
        try vault.back()
        try vault.book.store.write("damaging") { db in
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'poll')
                    WHERE name = 'nightLineage';
                    """)
        }
        let error = #expect(throws: BackupError.self) { try vault.back(replace: true) }
        guard case .storeDamaged = error else {
            Issue.record("\(error.map { "\($0)" } ?? "none")")
            return
        }
        try vault.restore()
    }
}
