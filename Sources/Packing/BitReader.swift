/// Takes bits out of a body in the order `BitWriter` put them; throws `UnreadableBody` rather than read past its end.
struct BitReader {
    private let body: UnsafeRawBufferPointer
    private var position = 0
    /// Above `heldBits` there may be bits of bytes that are still to come.
    private var held: UInt64 = 0
    private var heldBits = 0

    init(_ body: UnsafeRawBufferPointer) { self.body = body }

    /// Makes 56 bits ready, or all that are left.
    @inline(__always)
    private mutating func fill() {
        if position &+ 8 <= body.count {
            let next = UInt64(littleEndian: body.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            held |= next &<< UInt64(truncatingIfNeeded: heldBits)
            position &+= (63 &- heldBits) &>> 3
            heldBits |= 56
        } else {
            fillLast()
        }
    }

    private mutating func fillLast() {
        while heldBits <= 56, position < body.count {
            // What lies above `heldBits` is the same byte already.
            held |= UInt64(body[position]) << UInt64(heldBits)
            heldBits += 8
            position += 1
        }
    }

    @inline(__always)
    private mutating func drop(_ bits: Int) {
        held &>>= UInt64(truncatingIfNeeded: bits)
        heldBits &-= bits
    }

    /// - Parameter bits: 0...56.
    @inline(__always)
    mutating func take(_ bits: Int) throws(UnreadableBody) -> UInt64 {
        if heldBits < bits {
            fill()
            guard heldBits >= bits else { throw UnreadableBody() }
        }
        defer { drop(bits) }
        return held & (1 &<< UInt64(truncatingIfNeeded: bits) &- 1)
    }

    /// The same for up to 64 bits.
    mutating func takeLong(_ bits: Int) throws(UnreadableBody) -> UInt64 {
        guard bits > 32 else { return try take(bits) }
        let low = try take(32)
        return try take(bits - 32) << 32 | low
    }

    mutating func flag() throws(UnreadableBody) -> Bool { try take(1) == 1 }

    /// Counts ones, and takes the zero after them.
    @inline(__always)
    mutating func ones() throws(UnreadableBody) -> Int {
        if heldBits < 32 { fill() }
        let count = (~held).trailingZeroBitCount
        guard count < heldBits else { return try manyOnes() }
        drop(count &+ 1)
        return count
    }

    /// No number has more than 68.
    private mutating func manyOnes() throws(UnreadableBody) -> Int {
        for count in 0...68 where try take(1) == 0 { return count }
        throw UnreadableBody()
    }

    /// Refuses anything but zeros up to the end of the last byte.
    mutating func end() throws(UnreadableBody) {
        fill()
        guard position == body.count, heldBits < 8, held == 0 else { throw UnreadableBody() }
    }
}
