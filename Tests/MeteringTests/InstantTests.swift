import Metering
import Testing

@Suite("an instant")
struct InstantTests {
    @Test(
        "is read from RFC 3339 text",
        arguments: [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.000001Z", 1),
            ("1970-01-01T00:00:00.5Z", 500_000),
            ("1970-01-01T00:00:00.120000+00:00", 120_000),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01t07:00:00+07:00", 0),
            ("1970-01-01T00:00:00z", 0),
            ("1969-12-31T16:30:00-07:30", 0),
            ("1970-01-01T23:59:00+23:59", 0),
            ("2025-04-20T00:00:00+07:00", 1_745_082_000_000_000),
            ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
            ("1900-01-01T00:00:00Z", -2_208_988_800_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func parses(text: String, microseconds: Int64) {
        #expect(Instant(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "is not guessed from anything else",
        arguments: [
            "", "2025-04-20", "2025-04-20T00:00:00", "2025-04-20T00:00Z", "2025-04-20 00:00:00Z",
            "2025-04-20T00:00:00+0700", "2025-04-20T00:00:00+07", "2025-04-20T00:00:00+7:00",
            "2025-04-20T00:00:00+24:00", "2025-04-20T00:00:00+07:60", "2025-04-20T00:00:00+07:00:00",
            "2025-04-20T00:00:00 +07:00", "2025-04-20T00:00:00ZZ", "2025-04-20T00:00:00Z ", " 2025-04-20T00:00:00Z",
            "2025-04-20T24:00:00Z", "2025-04-20T00:60:00Z", "2025-04-20T00:00:60Z", "2025-04-20T0:00:00Z",
            "2025-04-20T00-00-00Z", "2025-04-20T+1:00:00Z", "2025-04-20T00:00:-1Z",
            "2025-04-20T00:00:00.Z", "2025-04-20T00:00:00.1234567Z", "2025-04-20T00:00:00,5Z", "2025-04-20T00:00:00.5",
            "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-10T00:00:00Z", "2025-04-31T00:00:00Z",
            "0000-01-01T00:00:00Z", "25-04-20T00:00:00+07:00", "-025-04-20T00:00:00Z", "2025/04/20T00:00:00Z",
            "２０２５-04-20T00:00:00Z", "2025-04-20T００:00:00Z", "2025-04-20T00:00:00Ω",
        ])
    func refuses(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test(
        "is written with the offset of the place, without its fraction",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"),
            (-1, 0, "1969-12-31T23:59:59Z"),
            (999_999, 0, "1970-01-01T00:00:00Z"),
            (0, 25_200, "1970-01-01T07:00:00+07:00"),
            (0, -12_600, "1969-12-31T20:30:00-03:30"),
            (1_745_082_000_000_000, 25_200, "2025-04-20T00:00:00+07:00"),
            (1_709_251_199_000_000, 20_700, "2024-03-01T05:44:59+05:45"),
        ] as [(Int64, Int, String)])
    func prints(microseconds: Int64, offset: Int, text: String) {
        #expect(Instant(microseconds: microseconds).rfc3339(offsetSeconds: offset) == text)
    }

    @Test("comes back from its own text, whatever the offset", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2000 {
            let instant = Instant(seconds: .random(in: -62_135_500_000...253_402_200_000, using: &random))
            let offset = 60 * Int.random(in: -14 * 60...14 * 60, using: &random)
            let text = instant.rfc3339(offsetSeconds: offset)
            #expect(Instant(rfc3339: text) == instant, "\(text)")
        }
    }

    @Test("counts whole seconds downwards, also before 1970")
    func wholeSeconds() {
        #expect(Instant(microseconds: 1_999_999).seconds == 1)
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant(microseconds: -1_000_000).seconds == -1)
        #expect(Instant(microseconds: -1_000_001).seconds == -2)
    }

    @Test("differs from another by a span, and a span's units agree")
    func spans() {
        let start = Instant(seconds: 100)
        #expect(start + .minutes(2) - start == .seconds(120))
        #expect(start - .hours(1) == Instant(seconds: -3500))
        #expect(Instant.Span.hours(25) == .minutes(1500))
        #expect(Instant.Span(microseconds: -1_500_000).seconds == -1)
        #expect(Instant.Span.zero < .seconds(1))
        #expect(start < start + Instant.Span(microseconds: 1))
    }

    @Test(
        "quotients are floored toward minus infinity",
        arguments: [(7, 2, 3), (-7, 2, -4), (-6, 2, -3), (0, 5, 0), (-1, 86_400, -1)] as [(Int64, Int64, Int64)])
    func flooredQuotient(dividend: Int64, divisor: Int64, quotient: Int64) {
        #expect(dividend.flooredQuotient(by: divisor) == quotient)
    }
}
