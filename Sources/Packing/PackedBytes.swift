import Metering

// Values in a body that a row keeps whole: unsigned numbers seven bits at a time, least first, the eighth bit saying
// that more follow (LEB128); signed ones folded so that small ones stay short (0, −1, 1, −2 …).

/// Puts values into a body.
package struct PackedWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package var count: Int { bytes.count }

    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    package mutating func put(byte: UInt8) { bytes.append(byte) }

    package mutating func put(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    package mutating func put(_ value: Int64) {
        put(unsigned: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// With its length before it.
    package mutating func put(bytes other: ArraySlice<UInt8>) {
        put(unsigned: UInt64(other.count))
        bytes += other
    }
}

/// A body that ends too early, or holds a value that has no meaning here.
package struct UnreadableBody: Error {
    package init() {}
}

/// Takes values out of a body in the order they were put; throws `UnreadableBody` rather than read past its end.
package struct PackedReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    package var isAtEnd: Bool { position == bytes.count }

    package mutating func byte() throws(UnreadableBody) -> UInt8 {
        guard position < bytes.count else { throw UnreadableBody() }
        defer { position += 1 }
        return bytes[position]
    }

    package mutating func unsigned() throws(UnreadableBody) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || (shift == 63 && next <= 1) else { throw UnreadableBody() }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    package mutating func signed() throws(UnreadableBody) -> Int64 {
        let folded = try unsigned()
        return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
    }

    /// A signed number that must fit the type asked for.
    package mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(UnreadableBody)
        -> Number
    {
        guard let number = Number(exactly: try signed()) else { throw UnreadableBody() }
        return number
    }

    /// Good as long as the body itself.
    package mutating func bytesWithLength() throws(UnreadableBody) -> UnsafeRawBufferPointer {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - position) else { throw UnreadableBody() }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
    }

    /// One from which days can be counted on in both directions.
    package mutating func day() throws(UnreadableBody) -> ServiceDay {
        let day = ServiceDay(number: try number())
        guard (-10_000_000...10_000_000).contains(day.number) else { throw UnreadableBody() }
        return day
    }

    package mutating func register() throws(UnreadableBody) -> Register {
        guard let register = Register(rawValue: try byte()) else { throw UnreadableBody() }
        return register
    }
}
