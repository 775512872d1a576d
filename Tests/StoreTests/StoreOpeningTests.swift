import Foundation
import GRDB
import Metering
import Testing

@testable import Store

@Suite("Opening the store")
struct StoreOpeningTests {
    @Test("what durability rests on is set, and read back on the writing connection")
    func settings() throws {
        let book = try LogBook()
        let found = try book.store.write("looking at settings") { db in
            try ["synchronous", "foreign_keys", "page_size", "secure_delete", "wal_autocheckpoint"].map {
                try Int.fetchOne(db, sql: "PRAGMA \($0)") ?? -1
            }
        }
        #expect(found == [2, 0, 4096, 0, 16_384])
    }

    @Test("what comes from outside is held to its parents, and only that")
    func parents() throws {
        let book = try LogBook()
        func isHeld() throws -> Bool? {
            try book.store.write("looking at settings") { try Bool.fetchOne($0, sql: "PRAGMA foreign_keys") }
        }
        try book.store.writeHeldToParents("an orphan") { db in
            let isOn = try Bool.fetchOne(db, sql: "PRAGMA foreign_keys")
            #expect(isOn == true)
            #expect(throws: DatabaseError.self) {
                try db.execute(sql: "INSERT INTO series(meter, register) VALUES(4711, 1)")
            }
        }
        #expect(try isHeld() == false)
        #expect(throws: CancellationError.self) {
            try book.store.writeHeldToParents("nothing") { _ in throw CancellationError() }
        }
        #expect(try isHeld() == false)
    }

    @Test("a file whose pages have another size is refused: the setting does not hold")
    func unsafeSetting() throws {
        let book = try LogBook()
        try book.store.close()
        let queue = try DatabaseQueue(path: book.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA page_size = 8192; VACUUM")
        }
        try queue.close()
        #expect(
            throws: StoreError.unsafeSetting(path: book.path, setting: "page_size", found: "8192", wanted: "4096")
        ) { try Store(path: book.path, role: .daemon, calendar: .vietnam) }
    }

    @Test("a second daemon is refused while the first lives, a tool is not")
    func secondDaemon() throws {
        let book = try LogBook()
        #expect(throws: StoreError.daemonAlreadyRuns(path: book.path, lock: book.path + ".lock")) {
            try Store(path: book.path, role: .daemon, calendar: .vietnam)
        }
        let tool = try Store(path: book.path, role: .tool, calendar: .vietnam)
        #expect(try tool.usagePoint(LogBook.usagePoint) != nil)
        try tool.close()
        try book.store.close()
        try Store(path: book.path, role: .daemon, calendar: .vietnam).close()
    }

    @Test("a store of a newer version is refused by the steps it does not know")
    func newerSchema() throws {
        let book = try LogBook()
        try book.store.write("pretending") { db in
            try db.execute(sql: "INSERT INTO grdb_migrations(identifier) VALUES('9 from the future')")
        }
        let error = #expect(throws: StoreError.self) {
            try Store(path: book.path, role: .tool, calendar: .vietnam)
        }
        #expect(error == .newerSchema(path: book.path, unknown: ["9 from the future"]))
    }

    @Test("another program's database and another kind of file are refused and left alone")
    func notAStore() throws {
        let book = try LogBook()
        let other = book.folder.appending(path: "other.sqlite").path
        let queue = try DatabaseQueue(path: other)
        try queue.write { try $0.execute(sql: "CREATE TABLE customer(id)") }
        try queue.close()
        #expect(throws: StoreError.notAStore(path: other, why: "is another program's database")) {
            try Store(path: other, role: .tool, calendar: .vietnam)
        }
        let text = book.folder.appending(path: "notes.txt")
        try Data(repeating: 0x41, count: 8192).write(to: text)
        #expect(throws: StoreError.notAStore(path: text.path, why: "is no SQLite database")) {
            try Store(path: text.path, role: .tool, calendar: .vietnam)
        }
        #expect(try Data(contentsOf: text) == Data(repeating: 0x41, count: 8192))
    }

    @Test("a first opening that was cut short is taken up where it ended, not refused as another program's file")
    func cutShort() throws {
        let book = try LogBook()
        let path = book.folder.appending(path: "cut.sqlite").path
        let queue = try DatabaseQueue(path: path)
        // What the migrator does before its first step.
        try queue.write {
            try $0.execute(sql: "CREATE TABLE grdb_migrations(identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try queue.close()
        let store = try Store(path: path, role: .daemon, calendar: .vietnam)
        defer { try? store.close() }
        #expect(try store.integrityCheck() == [] && store.registry().gateways.isEmpty)
    }

    @Test("a folder that is not there is named")
    func noFolder() throws {
        let error = #expect(throws: StoreError.self) {
            try Store(path: "/nowhere/at/all/meterd.sqlite", role: .daemon, calendar: .vietnam)
        }
        #expect(try #require(error).description.contains("/nowhere/at/all/meterd.sqlite"))
    }

    @Test("everything acknowledged is there after opening again")
    func reopened() throws {
        let book = try LogBook()
        try book.write(
            "frozen 05-02 00:10 05-02 1000\nfrozen 05-04 00:10 05-04 1500\nclose 05-04\nlive 05-04 02:00 1510")
        try book.store.checkpoint()
        let before = try book.dump()
        try book.store.close()
        let again = try Store(path: book.path, role: .daemon, calendar: .vietnam)
        defer { try? again.close() }
        #expect(try again.integrityCheck() == [])
        let days = try again.dailyIndices(
            usagePoint: LogBook.usagePoint, register: nil, from: book.day("05-01"), through: book.day("05-31"))
        #expect(days.map(\.index.index.wattHours) == [1000, 1250, 1500])
        #expect(try again.ingest(book.outcomes).indices == 0)
        #expect(before.isEmpty == false)
    }

    @Test("a store that was closed is one file: whoever copies it has everything")
    func oneFile() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000")
        // Reading connections are open too.
        #expect(try book.indices() == "05-02 1000 frozen ±0 r1")
        try book.store.close()
        let left = try FileManager.default.contentsOfDirectory(atPath: book.folder.path).sorted()
        #expect(left == ["meterd.sqlite", "meterd.sqlite.lock", "meterd.sqlite.open"])
    }

    @Test("after closing every call says so instead of crashing")
    func closed() throws {
        let book = try LogBook()
        try book.store.close()
        #expect(throws: StoreError.self) { try book.store.registry() }
        #expect(throws: StoreError.self) { try book.ingest([book.poll("05-02 00:10", [LogBook.live(1)])]) }
    }
}
