import Metering

/// What decoding a dial needs of its profile value, laid flat: a copy of the value itself would retain its name, its
/// unit and its sentinels at each answer. It decodes what is plain; whatever it cannot vouch for, and every word of why
/// a dial is absent, is `ProfileValue.outcome`'s.
struct PlainDial: Hashable, Sendable {
    let register: Register
    /// Where its words lie in the answer to the whole block.
    let words: Range<Int>
    private let type: WordType
    private let order: WordOrder
    private let scale: Scale
    private let resolution: Int64
    private let sentinel: Sentinel?
    private let side: Side
    /// One number with one sentinel at most.
    private let isPlain: Bool

    /// `nil` for a value without a register.
    init?(_ value: ProfileValue, in range: WordRange) {
        guard let register = value.register else { return nil }
        self.register = register
        let offset = Int(value.range.address - range.address)
        words = offset..<offset + Int(value.range.count)
        type = value.encoding.type
        order = value.encoding.order
        scale = value.encoding.scale
        resolution = value.encoding.resolution
        sentinel = value.encoding.sentinels.first
        side = value.side
        isPlain = value.parts == 1 && value.encoding.sentinels.count <= 1
    }

    /// The dial before the multiplier; `nil` where it takes the value itself to say what the words mean.
    func index(in words: UnsafeBufferPointer<UInt16>, multiplier: Int64) -> Energy? {
        guard isPlain else { return nil }
        let bits = order.bits(of: words)
        if let sentinel, sentinel.matches(bits) { return nil }
        guard let number = RawNumber(bits, as: type)?.scaled(by: scale, resolution: resolution),
            (0..<ProfileValue.indexEnd).contains(number)
        else { return nil }
        return Energy(wattHours: side == .primary ? number.flooredQuotient(by: multiplier) : number)
    }
}
