/// CRC-16/CCITT-FALSE (polynomial 0x1021, from 0xFFFF, highest bit first) of a chunk's kind, slots and key, then of its
/// bytes. It stands at the chunk's end, high byte first, so that the sum over all of it is zero. It finds every damage
/// of one or two bits, or within sixteen neighbouring ones, and all but one in 65,536 others: another's key too.
struct ChunkChecksum {
    static let bytes = 2

    /// What a byte makes of an empty sum, with 0 to 7 zero bytes after it: eight bytes are summed in one go.
    private static let table: [UInt16] = {
        var table = (0..<256).map { byte in
            (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 != 0 ? sum << 1 ^ 0x1021 : sum << 1 }
        }
        for place in 256..<8 * 256 { table.append(table[place - 256] << 8 ^ table[Int(table[place - 256] >> 8)]) }
        return table
    }()

    /// - Parameter slots: of a profile; 0 else.
    static func of(_ body: UnsafeRawBufferPointer, kind: UInt8, key: ChunkKey, slots: Int = 0) -> UInt16 {
        table.withUnsafeBufferPointer { table in
            let head =
                UInt64(kind) << 56 | UInt64(key.days) << 48 | UInt64(slots) << 32
                | UInt64(UInt32(bitPattern: key.firstDay.number))
            var sum = Self.sum(0xFFFF, then: head, table)
            sum = Self.sum(sum, then: UInt64(bitPattern: key.series), table)
            var position = 0
            while position &+ 8 <= body.count {
                let word = UInt64(bigEndian: body.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                sum = Self.sum(sum, then: word, table)
                position &+= 8
            }
            while position < body.count {
                sum = sum &<< 8 ^ table[Int(UInt8(truncatingIfNeeded: sum &>> 8) ^ body[position])]
                position &+= 1
            }
            return sum
        }
    }

    /// Reads what stands before the sum, if that is right.
    static func checked(
        _ body: UnsafeRawBufferPointer, kind: UInt8, key: ChunkKey, slots: Int = 0
    ) throws(UnreadableBody) -> BitReader {
        guard body.count > bytes, of(body, kind: kind, key: key, slots: slots) == 0 else { throw UnreadableBody() }
        return BitReader(UnsafeRawBufferPointer(rebasing: body[..<(body.count &- bytes)]))
    }

    @inline(__always)
    private static func sum(_ sum: UInt16, then word: UInt64, _ table: UnsafeBufferPointer<UInt16>) -> UInt16 {
        let word = word ^ UInt64(sum) &<< 48
        func part(_ place: UInt64) -> UInt16 {
            table[Int(truncatingIfNeeded: place &<< 8 | (word &>> (place &<< 3)) & 0xFF)]
        }
        return part(0) ^ part(1) ^ part(2) ^ part(3) ^ part(4) ^ part(5) ^ part(6) ^ part(7)
    }
}
