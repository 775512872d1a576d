/// Puts bits into a body, the lowest first: the first bit is bit 0 of the first byte.
struct BitWriter {
    private let body: UnsafeMutableRawBufferPointer
    private var written = 0
    private var held: UInt64 = 0
    /// 0...7 between calls.
    private var heldBits = 0

    /// - Parameter body: eight bytes longer than what will be put, because whole words are stored.
    init(_ body: UnsafeMutableRawBufferPointer) { self.body = body }

    /// The lowest `bits` (0...56) of a value that has no others.
    @inline(__always)
    mutating func put(_ value: UInt64, bits: Int) {
        held |= value &<< UInt64(truncatingIfNeeded: heldBits)
        heldBits &+= bits
        precondition(written &+ 8 <= body.count, "a body as long as its longest chunk")
        body.storeBytes(of: held.littleEndian, toByteOffset: written, as: UInt64.self)
        written &+= heldBits &>> 3
        held &>>= UInt64(truncatingIfNeeded: heldBits & 0x78)
        heldBits &= 7
    }

    /// The same for up to 64 bits.
    mutating func put(long value: UInt64, bits: Int) {
        guard bits > 32 else { return put(value, bits: bits) }
        put(value & 0xFFFF_FFFF, bits: 32)
        put(value >> 32, bits: bits - 32)
    }

    /// Zeros up to the end of a byte. No bit may follow.
    /// - Returns: the bytes written.
    mutating func end() -> Int {
        written += heldBits > 0 ? 1 : 0
        heldBits = 0
        return written
    }
}
