import Alarms
import Metering
import Testing

@testable import Store

@Suite("How far the night's collection was")
struct CollectionTests {
    @Test("is what the latest look until 06:00 saw, or the first after it, also after a restart")
    func latest() throws {
        let book = try LogBook()
        func look(_ time: String, valid: Int) throws -> Int? {
            try book.store.note(
                CollectionLook(
                    day: book.day("05-02"), at: book.instant("05-02 \(time)"), expected: 10, valid: valid, silent: 1,
                    predicted: 9, finish: book.instant("05-02 04:00")))
            return try book.store.collection(of: book.day("05-02"))?.valid
        }
        #expect(try book.store.collection(of: book.day("05-02")) == nil)
        #expect(try look("00:10", valid: 2) == 2)
        #expect(try look("03:00", valid: 6) == 6)
        #expect(try look("02:50", valid: 5) == 5, "a clock that was set back")
        #expect(try look("06:02", valid: 8) == 8)
        try book.reopen()
        #expect(try look("14:00", valid: 9) == 8)
        #expect(try look("05:50", valid: 7) == 7, "the clock had been ahead")
        #expect(try look("06:02", valid: 8) == 8)
        let kept = try #require(try book.store.collection(of: book.day("05-02")))
        #expect(kept.at == book.instant("05-02 06:02") && kept.finish == book.instant("05-02 04:00"))
        #expect(kept.expected == 10 && kept.silent == 1 && kept.predicted == 9)
    }
}
