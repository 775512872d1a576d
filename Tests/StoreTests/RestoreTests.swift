import Foundation
import GRDB
import Metering
import Testing

@testable import Store

@Suite("Restoring a store")
struct RestoreTests {
    typealias Vault = BackupTests.Vault

    /// Changes the backup's file or manifest, and gives the refusal that follows.
    private static func refusal(_ change: (Vault) throws -> Void) throws -> String {
        let vault = try Vault()
        try vault.back()
        try change(vault)
        let error = #expect(throws: (any Error).self) { try vault.restore() }
        #expect(
            Vault.names(in: URL(fileURLWithPath: vault.path).deletingLastPathComponent()).filter {
                !$0.hasSuffix(".lock")
            } == [])
        return error.map { "\($0)" } ?? ""
    }

    private static func changeManifest(_ vault: Vault, _ text: String, to other: String) throws {
        let url = URL(fileURLWithPath: vault.file + ".json")
        let json = try String(contentsOf: url, encoding: .utf8)
        try #require(json.contains(text))
        try Data(json.replacingOccurrences(of: text, with: other).utf8).write(to: url)
    }

    @Test("what is not a whole backup is refused in a sentence, and nothing is left at the store's place")
    func faultyFiles() throws {
        let flipped = try Self.refusal { vault in
            var bytes = try Data(contentsOf: URL(fileURLWithPath: vault.file))
            bytes[bytes.count / 2] ^= 4
            try bytes.write(to: URL(fileURLWithPath: vault.file))
        }
        #expect(flipped.contains("its SHA-256 is not that of its manifest"))
        let short = try Self.refusal { vault in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: vault.file))
            try bytes.dropLast(4096).write(to: URL(fileURLWithPath: vault.file))
        }
        #expect(short.contains("bytes, its manifest says"))
        let bare = try Self.refusal { try FileManager.default.removeItem(atPath: $0.file + ".json") }
        #expect(bare.contains("has no manifest") && bare.contains("backup.sqlite.json"))
        let none = try Self.refusal { try FileManager.default.removeItem(atPath: $0.file) }
        #expect(none.contains("backup.sqlite: is not there"))
        let torn = try Self.refusal {
            try Data("{\"format\": 1".utf8).write(to: URL(fileURLWithPath: $0.file + ".json"))
        }
        #expect(torn.contains("cannot be read"))
        let later = try Self.refusal { try Self.changeManifest($0, "\"format\" : 1", to: "\"format\" : 2") }
        #expect(later.contains("is of format 2, which a newer meterd wrote"))
        let lacking = try Self.refusal { try Self.changeManifest($0, "\"sha256\"", to: "\"sum\"") }
        #expect(lacking.contains("lacks something that every manifest has"))
    }

    /// A backup whose file says something else, with a manifest that fits.
    private static func refusal(ofFileWith sql: String) throws -> String {
        try refusal { vault in
            let queue = try DatabaseQueue(path: vault.file)
            try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
            let before = try BackupFiles(file: vault.file).manifests()[0]
            let now = try DurableFile.sum(vault.file)
            try changeManifest(vault, before.sha256, to: now.sha256)
            try changeManifest(vault, "\"bytes\" : \(before.bytes)", to: "\"bytes\" : \(now.bytes)")
        }
    }

    @Test("a newer meterd's backup, another program's and a damaged one are refused after the copy, before the swap")
    func faultyStores() throws {
        let newer = try Self.refusal(ofFileWith: "INSERT INTO grdb_migrations VALUES('99 from the future')")
        #expect(newer.contains("written by a newer meterd") && newer.contains("99 from the future"))
        let other = try Self.refusal(ofFileWith: "PRAGMA application_id = 7")
        #expect(other.contains("is another program's database"))
        let damaged = try Self.refusal(
            ofFileWith: """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'poll')
                WHERE name = 'nightLineage'
                """)
        #expect(damaged.contains("SQLite finds it damaged"), "\(damaged)")
    }

    @Test("an older meterd's backup is restored, and taken on to the present schema when it is opened")
    func older() throws {
        let vault = try Vault()
        try vault.back()
        let queue = try DatabaseQueue(path: vault.file)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: "ALTER TABLE audit DROP COLUMN who; DELETE FROM grdb_migrations WHERE identifier = '9 who'")
        }
        try queue.close()
        let before = try BackupFiles(file: vault.file).manifests()[0]
        try Self.changeManifest(vault, before.sha256, to: DurableFile.sum(vault.file).sha256)
        #expect(try vault.restore().stepsBehind == ["9 who"])
        let store = try vault.restored()
        defer { try? store.close() }
        #expect(try BackupTests.dump(store) == vault.book.dump())
    }

    @Test("nothing is restored under a daemon, over a store without leave, or under another program")
    func occupied() throws {
        let vault = try Vault()
        try vault.back()
        let daemon = try Store(path: vault.path, role: .daemon, calendar: .vietnam)
        #expect(throws: StoreError.daemonAlreadyRuns(path: vault.path, lock: vault.path + ".lock")) {
            try vault.restore(replace: true)
        }
        try daemon.close()
        #expect(throws: BackupError.storeThere(path: vault.path)) { try vault.restore() }
        let tool = try vault.restored()
        _ = try tool.registry()
        #expect(throws: BackupError.storeInUse(path: vault.path)) { try vault.restore(replace: true) }
        #expect(try tool.registry().installations.isEmpty)
        try tool.close()
        #expect(try vault.restore(replace: true).keptAs != nil)
    }

    /// A store as a killed daemon leaves it: all that it holds is in the log.
    private static func leaveKilledStore(at path: String) throws -> [String] {
        let book = try LogBook()
        try book.write("frozen 05-09 00:10 05-09 7000")
        try #require(book.store.logBytes > 0)
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.copyItem(atPath: book.path + suffix, toPath: path + suffix)
        }
        return try book.dump()
    }

    @Test("the store before is kept beside with what its log held, and no log stands beside the restored one")
    func kept() throws {
        let vault = try Vault()
        try vault.back()
        let before = try Self.leaveKilledStore(at: vault.path)
        let name = try #require(try vault.restore(replace: true).keptAs)
        #expect(name == vault.path + ".before-restore-20250602T000000Z")
        for suffix in ["-wal", "-shm", "-journal", ".restoring"] {
            #expect(!DurableFile.exists(vault.path + suffix), "\(suffix)")
        }
        let restored = try vault.restored()
        #expect(try BackupTests.dump(restored) == vault.book.dump())
        try restored.close()
        let old = try Store(path: name, role: .tool, calendar: .vietnam)
        #expect(try BackupTests.dump(old) == before)
        try old.close()
    }

    @Test("a store too damaged to be opened is kept with its log as it is")
    func keptDamaged() throws {
        let vault = try Vault()
        try vault.back()
        _ = try Self.leaveKilledStore(at: vault.path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: vault.path))
        bytes.replaceSubrange(0..<16, with: Data("nothing to be sa".utf8))
        try bytes.write(to: URL(fileURLWithPath: vault.path))
        // SQLite would throw away a log that begins so.
        var log = try Data(contentsOf: URL(fileURLWithPath: vault.path + "-wal"))
        log.replaceSubrange(0..<4, with: [0, 0, 0, 0])
        try log.write(to: URL(fileURLWithPath: vault.path + "-wal"))
        let name = try #require(try vault.restore(replace: true).keptAs)
        #expect(try Data(contentsOf: URL(fileURLWithPath: name)) == bytes)
        #expect(try Data(contentsOf: URL(fileURLWithPath: name + "-wal")) == log)
        #expect(!DurableFile.exists(vault.path + "-wal"))
        let restored = try vault.restored()
        #expect(try BackupTests.dump(restored) == vault.book.dump())
        try restored.close()
    }

    @Test("killed at any step, a restore leaves the old store or none, and goes through when it is started again")
    func killed() throws {
        for (position, step) in [RestoreProgress.copying, .checking, .copied, .kept, .cleared].enumerated() {
            let vault = try Vault()
            try vault.back()
            let before = try Self.leaveKilledStore(at: vault.path)
            let folder = URL(fileURLWithPath: vault.path).deletingLastPathComponent()
            let killed = vault.book.folder.appending(path: "killed")
            try vault.restore(replace: true) { reached in
                if reached == step { try FileManager.default.copyItem(at: folder, to: killed) }
            }
            let path = killed.appending(path: "meterd.sqlite").path
            let isCleared = step == .kept || step == .cleared
            if isCleared {
                // A daemon must not begin anew as if nothing had been here.
                #expect(throws: StoreError.restoreUnfinished(path: path)) {
                    try Store(path: path, role: .daemon, calendar: .vietnam)
                }
            } else {
                let old = try Store(path: path, role: .daemon, calendar: .vietnam)
                #expect(try BackupTests.dump(old) == before, "\(position)")
                try old.close()
            }
            let again = try Store.restore(
                vault.file, to: path, replace: true, utc: vault.book.instant("06-03 07:00"))
            #expect(Vault.names(in: killed).filter { $0.hasPrefix("meterd.sqlite-") } == [], "\(step)")
            let name = path + ".before-restore-202506\(isCleared ? "02" : "03")T000000Z"
            if step != .cleared { #expect(again.keptAs == name) }
            let kept = try Store(path: name, role: .tool, calendar: .vietnam)
            #expect(try BackupTests.dump(kept) == before, "\(step)")
            try kept.close()
            let restored = try Store(path: path, role: .daemon, calendar: .vietnam)
            #expect(try BackupTests.dump(restored) == vault.book.dump(), "\(step)")
            try restored.close()
        }
    }
}
