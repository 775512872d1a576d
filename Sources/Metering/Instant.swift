/// A point on the civil time line: microseconds since 1970-01-01T00:00:00Z.
/// Microseconds because a simulated clock may run 100,000 times faster than the wall.
package struct Instant: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(seconds: Int64) { self.microseconds = seconds * 1_000_000 }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { microseconds.flooredQuotient(by: 1_000_000) }

    package static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
    package static func + (instant: Instant, span: Span) -> Instant {
        Instant(microseconds: instant.microseconds + span.microseconds)
    }
    package static func - (instant: Instant, span: Span) -> Instant {
        Instant(microseconds: instant.microseconds - span.microseconds)
    }
    package static func - (later: Instant, earlier: Instant) -> Span {
        Span(microseconds: later.microseconds - earlier.microseconds)
    }

    /// A length of civil time, in whole microseconds; may be negative.
    package struct Span: Hashable, Comparable, Sendable {
        package let microseconds: Int64

        package init(microseconds: Int64) { self.microseconds = microseconds }
        package static func seconds(_ count: Int64) -> Span { Span(microseconds: count * 1_000_000) }
        package static func minutes(_ count: Int64) -> Span { .seconds(count * 60) }
        package static func hours(_ count: Int64) -> Span { .seconds(count * 3600) }
        package static let zero = Span(microseconds: 0)

        /// Whole seconds, rounded toward zero.
        package var seconds: Int64 { microseconds / 1_000_000 }
        package static func + (left: Span, right: Span) -> Span {
            Span(microseconds: left.microseconds + right.microseconds)
        }
        package static func - (left: Span, right: Span) -> Span {
            Span(microseconds: left.microseconds - right.microseconds)
        }
        package static func < (left: Span, right: Span) -> Bool { left.microseconds < right.microseconds }
    }
}

extension Int64 {
    /// Quotient rounded toward minus infinity; `divisor` must be positive.
    package func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

// MARK: - RFC 3339

extension Instant {
    /// Parses `2025-04-20T00:00:00+07:00` or `…Z`, with an optional fraction of up to six digits.
    /// `nil` for anything else: no date without an offset is guessed at (RFC 3339 §5.6).
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            let day = ServiceDay(iso: String(decoding: bytes[0..<10], as: UTF8.self)),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = Self.digits(bytes[11..<13]), hour < 24,
            let minute = Self.digits(bytes[14..<16]), minute < 60,
            let second = Self.digits(bytes[17..<19]), second < 60
        else { return nil }
        var rest = bytes[19...]
        var fraction: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...6).contains(digits.count), let value = Self.digits(digits) else { return nil }
            fraction = (digits.count..<6).reduce(value) { scaled, _ in scaled * 10 }
            rest = rest.dropFirst(1 + digits.count)
        }
        let offset: Int64
        switch rest.first {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard rest.count == 1 else { return nil }
            offset = 0
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let zone = Array(rest.dropFirst())
            guard zone.count == 5, zone[2] == UInt8(ascii: ":"),
                let hours = Self.digits(zone[0..<2]), hours < 24,
                let minutes = Self.digits(zone[3..<5]), minutes < 60
            else { return nil }
            offset = (rest.first == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
        default:
            return nil
        }
        let local = Int64(day.number) * 86_400 + hour * 3600 + minute * 60 + second
        self.init(microseconds: (local - offset) * 1_000_000 + fraction)
    }

    /// `2025-04-20T00:00:00+07:00` for an offset in seconds east of Greenwich; fractions are cut off.
    package func rfc3339(offsetSeconds offset: Int) -> String {
        let local = seconds + Int64(offset)
        let day = ServiceDay(number: Int32(local.flooredQuotient(by: 86_400)))
        let second = local - Int64(day.number) * 86_400
        let time = [second / 3600, second / 60 % 60, second % 60].map(Self.twoDigits).joined(separator: ":")
        if offset == 0 { return "\(day)T\(time)Z" }
        let east = Int64(offset.magnitude)
        return "\(day)T\(time)\(offset < 0 ? "-" : "+")\(Self.twoDigits(east / 3600)):\(Self.twoDigits(east / 60 % 60))"
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
