import Metering
import Modbus
import Testing

@Suite("Times in words")
struct TimeEncodingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let encoding: TimeEncoding
        let words: [UInt16]
        let time: String
        var testDescription: String { "\(encoding.form.rawValue) \(time)" }
    }

    static let cases = [
        // 0x5E84CF98 = 1,585,762,200 s: a timestamp of the Siemens manual's example
        Case(encoding: TimeEncoding(form: .unixUTC), words: [0x5E84, 0xCF98], time: "2020-04-01T17:30:00Z"),
        Case(
            encoding: TimeEncoding(form: .unixUTC, order: .little), words: [0xCF98, 0x5E84],
            time: "2020-04-01T17:30:00Z"),
        // beyond 2038: the number has no sign
        Case(encoding: TimeEncoding(form: .unixUTC), words: [0x8000, 0x0000], time: "2038-01-19T03:14:08Z"),
        Case(encoding: TimeEncoding(form: .unixUTC64), words: [0, 0, 0x5E84, 0xCF98], time: "2020-04-01T17:30:00Z"),
        Case(
            encoding: TimeEncoding(form: .unixUTC64, order: .little), words: [0xCF98, 0x5E84, 0, 0],
            time: "2020-04-01T17:30:00Z"),
        // 25/5, 10/14, 30/59
        Case(
            encoding: TimeEncoding(form: .byteWords), words: [0x1905, 0x0A0E, 0x1E3B], time: "2025-05-10T14:30:59+07:00"
        ),
        Case(
            encoding: TimeEncoding(form: .byteWords, zone: .utc), words: [0x1905, 0x0A0E, 0x1E3B],
            time: "2025-05-10T14:30:59Z"),
        // year 25 = 0x19; month 5, weekday 6, day 10 = 5 << 8 | 6 << 5 | 10 = 0x05CA; hour 14, minute 30 = 0x0E1E;
        // 59,999 ms = 0xEA5F
        Case(
            encoding: TimeEncoding(form: .dateTime), words: [0x0019, 0x05CA, 0x0E1E, 0xEA5F],
            time: "2025-05-10T14:30:59+07:00"),
        // The bits above the year (7), the hour (5) and the minute (6) are flags of the format's, no digits.
        Case(
            encoding: TimeEncoding(form: .dateTime, zone: .utc), words: [0xFF99, 0x05CA, 0xEEDE, 0x0000],
            time: "2025-05-10T14:30:00Z"),
    ]

    @Test("are read as the makers write them", arguments: cases)
    func times(_ shown: Case) throws {
        let expected = try #require(Instant(rfc3339: shown.time))
        #expect(shown.encoding.content(of: shown.words, in: .vietnam) == .instant(expected))
    }

    @Test("of a place whose clocks change are the instant that its clocks showed")
    func summerTime() throws {
        let berlin = try #require(ServiceCalendar(timeZone: "Europe/Berlin"))
        let encoding = TimeEncoding(form: .byteWords)
        for (words, time) in [
            ([0x1903, 0x1E01, 0x3B3B], "2025-03-30T01:59:59+01:00"),
            ([0x1903, 0x1E03, 0x0000], "2025-03-30T03:00:00+02:00"),
            ([0x190A, 0x1A04, 0x0000], "2025-10-26T04:00:00+01:00"),
        ] as [([UInt16], String)] {
            let expected = try #require(Instant(rfc3339: time))
            #expect(encoding.content(of: words, in: berlin) == .instant(expected), "\(time)")
        }
    }

    @Test(
        "that were never set or name no time are absent",
        arguments: [
            (TimeEncoding.Form.unixUTC, [0, 0]), (.unixUTC, [0xFFFF, 0xFFFF]), (.byteWords, [0, 0, 0]),
            (.unixUTC64, [0, 0, 0, 0]), (.unixUTC64, [0, 1, 0, 0]), (.unixUTC64, [0x5E84, 0xCF98, 0, 0]),
            (.byteWords, [0x190D, 0x0A0E, 0x1E3B]), (.byteWords, [0x1902, 0x1D00, 0]),
            (.byteWords, [0x1905, 0x0A18, 0]),
            (.byteWords, [0x1905, 0x0A0E, 0x3C00]), (.byteWords, [0x1905, 0x0A0E, 0x003C]),
            (.dateTime, [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]), (.dateTime, [0x0019, 0x05C0, 0, 0]),
            (.dateTime, [0x0019, 0x05CA, 0x1800, 0]), (.dateTime, [0x0019, 0x05CA, 0x003C, 0]),
            (.dateTime, [0x0019, 0x05CA, 0, 60_000]),
        ] as [(TimeEncoding.Form, [UInt16])])
    func absent(_ form: TimeEncoding.Form, _ words: [UInt16]) {
        guard case .absent = TimeEncoding(form: form).content(of: words, in: .vietnam) else {
            Issue.record("\(words) were taken for a time")
            return
        }
    }
}
