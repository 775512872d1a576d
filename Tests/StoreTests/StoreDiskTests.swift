import FailingDisk
import Foundation
import GRDB
import Testing

/// The disk that the store's faults are tested with does what it says: with SQLite alone.
@Suite("The failing disk")
struct StoreDiskTests {
    /// Writes ten rows with this setting, one transaction each, and lets the power fail. Returns what is left.
    private static func rowsAfterCut(synchronous: String, seed: UInt64) throws -> Int {
        let disk = try StoreDisk()
        let queue = try DatabaseQueue(path: disk.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE line(id INTEGER PRIMARY KEY)")
            _ = try db.checkpoint(.truncate)
            try db.execute(sql: "PRAGMA synchronous = \(synchronous)")
            for id in 1...10 { try db.execute(sql: "INSERT INTO line VALUES(\(id))") }
        }
        disk.cut(seed: seed)
        #expect(throws: DatabaseError.self) { try queue.write { try $0.execute(sql: "DELETE FROM line") } }
        try queue.close()
        try disk.mend()
        let found = try DatabaseQueue(path: disk.path)
        defer { try? found.close() }
        return try found.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM line") ?? 0 }
    }

    @Test("what was synced outlives the power, what was not goes or stays by the seed")
    func powerCut() throws {
        #expect(try Self.rowsAfterCut(synchronous: "FULL", seed: 0) == 10)
        #expect(try Self.rowsAfterCut(synchronous: "NORMAL", seed: 0) == 0)
        #expect(try Self.rowsAfterCut(synchronous: "NORMAL", seed: 1) == 10)
        let left = try (2...20).map { try Self.rowsAfterCut(synchronous: "NORMAL", seed: $0) }
        #expect(left.allSatisfy { (0...10).contains($0) } && Set(left).count > 1, "\(left)")
    }

    @Test("a deleted file may come back where nothing synced its folder")
    func deletion() throws {
        let left = try (2...9).map { (seed: UInt64) -> Bool in
            let disk = try StoreDisk()
            let queue = try DatabaseQueue(path: disk.path)
            try queue.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE line(id INTEGER PRIMARY KEY)") }
            disk.cut(seed: seed)
            try queue.close()
            try disk.mend()
            return FileManager.default.fileExists(atPath: disk.path + "-journal")
        }
        #expect(Set(left) == [true, false])
    }

    @Test("only its own files fail, and only until it is mended")
    func neighbours() throws {
        let disk = try StoreDisk()
        let other = try StoreDisk()
        let full = try #require(DiskFault.all.first { $0.description == "the disk is full" })
        let queue = try DatabaseQueue(path: disk.path)
        let neighbour = try DatabaseQueue(path: other.path)
        disk.fail(1, full)
        for id in 1...3 {
            let name = "line\(id)"
            let error = #expect(throws: DatabaseError.self) {
                try queue.write { try $0.execute(sql: "CREATE TABLE \(name)(id)") }
            }
            #expect(error?.resultCode == .SQLITE_FULL)
            try neighbour.write { try $0.execute(sql: "CREATE TABLE \(name)(id)") }
        }
        #expect(disk.hasFailed && !other.hasFailed)
        try disk.mend()
        try queue.write { try $0.execute(sql: "CREATE TABLE line(id)") }
        #expect(disk.count(FAILING_DISK_SYNC) > 0)
        try queue.close()
        try neighbour.close()
    }
}
