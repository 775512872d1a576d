import Metering
import Testing

@testable import Packing

@Suite("Bodies of rows")
struct PackedBytesTests {
    private static func written(_ put: (inout PackedWriter) -> Void) -> [UInt8] {
        var writer = PackedWriter()
        put(&writer)
        return writer.bytes
    }

    private static func read<Value>(
        _ bytes: [UInt8], _ take: (inout PackedReader) throws(UnreadableBody) -> Value
    ) throws -> Value {
        try bytes.withUnsafeBytes { bytes throws(UnreadableBody) in
            var reader = PackedReader(bytes)
            return try take(&reader)
        }
    }

    @Test(
        "a number comes back as it was put, and small ones are short",
        arguments: [
            (0, 1), (-1, 1), (63, 1), (-64, 1), (64, 2), (8191, 2), (8192, 3), (1_000_000, 3), (.max, 10), (.min, 10),
        ] as [(Int64, Int)])
    func numbers(value: Int64, length: Int) throws {
        let bytes = Self.written { $0.put(value) }
        #expect(bytes.count == length)
        #expect(try Self.read(bytes) { reader throws(UnreadableBody) in try reader.signed() } == value)
    }

    @Test("every number of a seeded thousand comes back, one after the other")
    func seeded() throws {
        var random = SeededRandom(seed: 7)
        let values = (0..<1000).map { _ in Int64(bitPattern: random.next() >> (random.next() % 64)) }
        let bytes = Self.written { writer in for value in values { writer.put(value) } }
        let found = try Self.read(bytes) { reader throws(UnreadableBody) in
            var found: [Int64] = []
            while !reader.isAtEnd { found.append(try reader.signed()) }
            return found
        }
        #expect(found == values)
    }

    @Test(
        "a number without its end, one too long for 64 bits and bytes beyond the body are refused",
        arguments: [
            [], [0x80], [0xFF, 0xFF], Array(repeating: 0xFF, count: 10),
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        #expect(throws: UnreadableBody.self) {
            try Self.read(bytes) { reader throws(UnreadableBody) in try reader.unsigned() }
        }
        #expect(throws: UnreadableBody.self) {
            try Self.read(bytes) { reader throws(UnreadableBody) in _ = try reader.bytesWithLength() }
        }
    }
}
