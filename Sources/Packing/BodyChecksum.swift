import Metering

/// The checksum at the end of a row's body that is no chunk: that of a chunk (`ChunkChecksum`), over the row's key and
/// the bytes before it.
package enum BodyChecksum {
    /// - Parameters:
    ///   - start: where the body begins in the writer's bytes.
    ///   - key: the row's.
    package static func append(from start: Int, kind: UInt8, key: Int64, to writer: inout PackedWriter) {
        let sum = writer.bytes.withUnsafeBytes { bytes in
            ChunkChecksum.of(UnsafeRawBufferPointer(rebasing: bytes[start...]), kind: kind, key: Self.key(key))
        }
        writer.put(byte: UInt8(sum >> 8))
        writer.put(byte: UInt8(truncatingIfNeeded: sum))
    }

    /// What stands before the sum, if that is right.
    package static func checked(
        _ body: UnsafeRawBufferPointer, kind: UInt8, key: Int64
    ) throws(UnreadableBody) -> UnsafeRawBufferPointer {
        guard body.count > ChunkChecksum.bytes, ChunkChecksum.of(body, kind: kind, key: Self.key(key)) == 0 else {
            throw UnreadableBody()
        }
        return UnsafeRawBufferPointer(rebasing: body[..<(body.count - ChunkChecksum.bytes)])
    }

    private static func key(_ key: Int64) -> ChunkKey {
        ChunkKey(series: key, firstDay: ServiceDay(number: 0), days: 1)
    }
}
