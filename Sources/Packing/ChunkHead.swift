/// What each chunk begins with: its version, whether it is as most are, and how many bits its first index has.
///
///     version    2 bits
///     usual      1 bit: 0 when it is
///     width      5 bits; all ones: six more bits say by how much it is more than 31
struct ChunkHead {
    static let version: UInt64 = 1
    private static let wide = 31

    let isUsual: Bool
    /// Of the first index: 0...63.
    let width: Int

    init(isUsual: Bool, width: Int) {
        self.isUsual = isUsual
        self.width = width
    }

    init(from reader: inout BitReader) throws(UnreadableBody) {
        guard try reader.take(2) == Self.version else { throw UnreadableBody() }
        isUsual = try reader.take(1) == 0
        var width = Int(try reader.take(5))
        if width == Self.wide { width += Int(try reader.take(6)) }
        guard width < 64 else { throw UnreadableBody() }
        self.width = width
    }

    func put(to writer: inout BitWriter) {
        writer.put(Self.version | (isUsual ? 0 : 4) | UInt64(min(width, Self.wide)) << 3, bits: 8)
        if width >= Self.wide { writer.put(UInt64(width - Self.wide), bits: 6) }
    }
}
