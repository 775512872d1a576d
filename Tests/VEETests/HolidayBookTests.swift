import Foundation
import Metering
import Testing

@testable import VEE

@Suite("a book of holidays")
struct HolidayBookTests {
    private static func day(_ text: String) throws -> ServiceDay { try #require(ServiceDay(iso: text)) }

    @Test("has Tết, Giỗ Tổ and the days that the law names, and says which dates nobody has verified")
    func shipped() throws {
        let book = try HolidayBook.load(file: nil)
        let days = book.days
        for day in [
            "2025-01-01", "2025-01-25", "2025-01-29", "2025-02-02", "2025-04-07", "2025-04-30", "2025-05-01",
            "2025-09-02", "2026-01-01", "2026-02-17", "2026-04-26", "2026-05-01", "2026-09-02",
        ] {
            #expect(days.contains(try Self.day(day)), "\(day)")
        }
        for day in ["2025-01-24", "2025-02-03", "2025-05-02", "2026-04-25", "2027-01-01"] {
            #expect(!days.contains(try Self.day(day)), "\(day)")
        }
        let unverified = book.holidays.filter(\.isUnverified).flatMap { $0.days.map(\.description) }
        #expect(unverified.contains("2025-09-01") && unverified.contains("2026-02-16"))
        #expect(!unverified.contains("2026-02-17"))
        #expect(book.years.map { "\($0.year): \($0.days), \($0.unverified)" } == ["2025: 15, 1", "2026: 15, 9"])
        #expect(book.holidays.allSatisfy { !$0.source.isEmpty })
    }

    @Test("gives a year that a file of one's own has a day of wholly to that file")
    func own() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "holidays-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(
            """
            holidays:
              - {holiday: Tết Bính Ngọ, from: 2026-02-16, to: 2026-02-20, source: decided in the office}
              - {holiday: Tết Đinh Mùi, from: 2027-02-06, source: the lunar year begins}
            """.utf8
        ).write(to: file)
        let book = try HolidayBook.load(file: file.path)
        #expect(book.years.map { "\($0.year): \($0.days)" } == ["2025: 15", "2026: 5", "2027: 1"])
        #expect(book.days.contains(try Self.day("2025-09-02")))
        #expect(!book.days.contains(try Self.day("2026-02-14")))
    }

    @Test("says all that is wrong with it at once, each on its line")
    func faults() throws {
        let error = try #require(throws: InputFaults.self) {
            try HolidayBook(
                yaml: """
                    holidays:
                      - {holiday: Tết, from: 2025-01-25, to: 2025-02-02, source: decided}
                      - {holiday: Tết, from: 2025-02-02, to: 2025-02-03, source: decided}
                      - {holiday: Giỗ Tổ, from: 2025-02-29, source: decided}
                      - {holiday: Quốc khánh, from: 2025-09-02, to: 2025-09-01}
                      - {from: 2025-05-01, until: 2025-05-02, source: decided}
                    """, file: "holidays.yaml")
        }
        #expect(
            error.description == """
                holidays.yaml:3: holidays[2].from "2025-02-02": is in the holiday on line 2 already
                holidays.yaml:4: holidays[3].from "2025-02-29": must be a date, YYYY-MM-DD
                holidays.yaml:5: holidays[4].source: is missing; must say where the dates come from
                holidays.yaml:5: holidays[4].to "2025-09-01": must be a day from 2025-09-02 to 2025-09-17
                holidays.yaml:6: holidays[5].holiday: is missing; must be a name
                holidays.yaml:6: holidays[5].until: unknown key; known here: holiday, from, to, unverified, source
                """)
    }
}
