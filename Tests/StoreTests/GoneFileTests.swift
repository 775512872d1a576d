import Foundation
import Metering
import Testing

@testable import Store

@Suite("Files that go under a running store")
struct GoneFileTests {
    private static func ingest(_ book: LogBook, _ at: String, _ wattHours: Int64) throws {
        _ = try book.ingest([book.poll(at, [LogBook.live(wattHours)])])
    }

    @Test(
        "a file moved away stops all writing with its name, reading goes on, and all goes on once it is back",
        arguments: ["", "-wal", "-shm"])
    func moved(_ suffix: String) throws {
        let book = try LogBook()
        try Self.ingest(book, "05-01 23:50", 1000)
        let file = book.path + suffix
        try FileManager.default.moveItem(atPath: file, toPath: file + ".away")
        for _ in 1...2 {
            #expect(throws: StoreError.goneFile(path: book.path, doing: "storing 1 poll outcomes", file: file)) {
                try Self.ingest(book, "05-02 00:10", 1200)
            }
        }
        #expect(throws: StoreError.goneFile(path: book.path, doing: "estimating gaps", file: file)) {
            try book.write("close 05-02")
        }
        #expect(try book.store.counts().indices == 0)
        try FileManager.default.moveItem(atPath: file + ".away", toPath: file)
        try Self.ingest(book, "05-02 00:10", 1200)
        try book.reopen()
        #expect(try book.indices() == "05-02 1100 measured ±112 r1")
        #expect(try book.store.integrityCheck() == [])
    }

    @Test("a file put in the place of the open one is not taken for it")
    func replaced() throws {
        let book = try LogBook()
        try book.store.checkpoint()
        let copy = book.path + ".copy"
        try FileManager.default.copyItem(atPath: book.path, toPath: copy)
        try FileManager.default.removeItem(atPath: book.path)
        try FileManager.default.moveItem(atPath: copy, toPath: book.path)
        let error = #expect(throws: StoreError.self) { try Self.ingest(book, "05-01 23:50", 1000) }
        let sentence = """
            store \(book.path): \(book.path) was deleted, moved or replaced while in use, found while storing 1 poll \
            outcomes; nothing more is stored; put that very file back, or stop meterd, restore the latest backup and \
            start again
            """
        #expect(error?.description == sentence)
        try book.reopen()
        try Self.ingest(book, "05-01 23:50", 1000)
    }
}
