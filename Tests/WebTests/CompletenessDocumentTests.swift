import Alarms
import Metering
import Store
import Testing

@testable import Web

@Suite("The objective, as people read it")
struct CompletenessDocumentTests {
    private static let calendar = ServiceCalendar.vietnam

    private static func document(_ time: String, valid: Int, predicted: Int, finish: String?) throws -> String {
        let fixture = try WebFixture()
        let day = try #require(ServiceDay(iso: "2025-05-02"))
        func instant(_ time: String) -> Instant? { Instant(rfc3339: "2025-05-02T\(time):00+07:00") }
        let look = CollectionLook(
            day: day, at: try #require(instant(time)), expected: 1005, valid: valid, silent: 9, predicted: predicted,
            finish: finish.flatMap(instant))
        let document = CompletenessDocument(
            try fixture.store.completeness(of: day, by: .district), collection: look, calendar: calendar)
        return document.text.split(separator: "\n\n")[0].split(separator: "\n").dropFirst().joined(separator: "\n")
    }

    @Test("before 06:00 it is what will have been reached, with the predicted finish")
    func before() throws {
        #expect(
            try Self.document("03:10", valid: 600, predicted: 985, finish: "04:25") == """
                2025-05-02T03:10:00+07:00: 600 of 1005 valid, 9 do not answer, all that is due asked by \
                2025-05-02T04:25:00+07:00
                at this pace 985 will be valid at 06:00; 985 are wanted at 06:00
                """)
        #expect(
            try Self.document("03:10", valid: 600, predicted: 984, finish: nil).hasSuffix(
                "nothing due\nat this pace 984 will be valid at 06:00; 985 are wanted at 06:00: too few"))
    }

    @Test("from 06:00 on it is what was reached")
    func after() throws {
        #expect(
            try Self.document("06:02", valid: 990, predicted: 990, finish: "07:00")
                == "2025-05-02T06:02:00+07:00: 990 of 1005 valid; 985 are wanted at 06:00: met")
        #expect(try Self.document("06:02", valid: 984, predicted: 984, finish: nil).hasSuffix("missed"))
    }

    @Test("of a look hours after 06:00 it is not what was reached by then")
    func late() throws {
        #expect(
            try Self.document("14:00", valid: 990, predicted: 990, finish: nil).hasSuffix(
                "990 of 1005 valid; 985 are wanted at 06:00: nobody looked then; as many were at this look"))
        #expect(try Self.document("14:00", valid: 984, predicted: 984, finish: nil).hasSuffix("missed"))
    }
}
