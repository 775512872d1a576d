import GRDB
import Metering
import Testing

@testable import Store

@Suite("The write-ahead log")
struct WriteAheadLogTests {
    @Test("a reader that never ends stops ingest before the log fills the disk, and ingest goes on when it has ended")
    func heldReader() throws {
        let book = try LogBook()
        try book.store.close()
        let limit = book.store.logBytes + 400_000
        let store = try Store(path: book.path, role: .daemon, calendar: .vietnam, logLimitBytes: limit)
        defer { try? store.close() }
        // Another program looks at the file and forgets to end.
        var configuration = GRDB.Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: book.path, configuration: configuration)
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN")
            _ = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM hot")
        }
        var taken = 0
        var refusal: StoreError?
        for minute in 0..<1000 where refusal == nil {
            let at = book.instant("05-02 00:00") + .minutes(Int64(minute))
            let poll = PollOutcome(
                meter: MeterID(1), gateway: "G1", unit: 1, transaction: UInt16(minute), profile: "sdm630/1",
                requested: at - .seconds(1), answered: at, result: .success([LogBook.live(Int64(minute))]))
            do {
                _ = try store.ingest([poll])
                taken += 1
            } catch let error as StoreError {
                refusal = error
            }
        }
        let sentence = try #require(refusal).description
        #expect(sentence.contains("another program keeps a read transaction open"))
        #expect(sentence.contains("\(book.path)-wal"))
        // It grew by no more than a batch past its limit.
        #expect(store.logBytes > limit && store.logBytes < limit + 100_000)
        #expect(taken > 10)

        try other.close()
        let at = book.instant("05-03 00:00")
        let next = PollOutcome(
            meter: MeterID(1), gateway: "G1", unit: 1, transaction: 7, profile: "sdm630/1",
            requested: at - .seconds(1), answered: at, result: .success([LogBook.live(5000)]))
        #expect(try store.ingest([next]).accepted == 1)
        #expect(store.logBytes < limit)
    }
}
