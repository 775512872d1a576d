/// Says what the next of a row of differences will be, and how far off that is: from those before it alone, so that
/// writer and reader agree without a word between them, and a chunk can be written in one way only.
///
/// Whole numbers throughout, in sixteenths; every weight is a power of two.
struct Forecast {
    /// What a step brings in the long run.
    private var level: Int64
    /// How far forecasts missed of late.
    private var spread: Int64
    /// How far the last difference lies from the level.
    private var recent: Int64 = 0
    private var learned = 0

    /// 2⁵⁰ Wh is more than a dial of fifteen digits shows; kept below it, nothing here comes near 64 bits.
    private static let most: Int64 = 1 << 50
    /// A jump that no home makes (a rollover, an edit) moves the forecast by so much at the most; from zero, by 2,048.
    private static let reachFactor: Int64 = 32
    private static let reachLeast: Int64 = 2048 * 16

    /// - Parameters:
    ///   - first: the first difference; homes differ from day to day by a third of what they take.
    ///   - steps: over how many steps it goes, from 1 on.
    init(first: Int64, steps: Int) {
        level = Self.limited(first) * 16 / Int64(steps)
        spread = abs(level) * 5 / 16
    }

    /// - Parameters:
    ///   - level: what the first difference is expected to be.
    ///   - spread: and how far off that may be.
    init(level: Int64, spread: Int64) {
        self.level = level * 16
        self.spread = spread * 16
    }

    @inline(__always)
    private static func limited(_ difference: Int64) -> Int64 { min(max(difference, -most), most) }

    /// The difference over the next `steps`, rounded down. A third of what set the last one apart is expected to last.
    @inline(__always)
    func expected(steps: Int) -> Int64 {
        guard steps == 1 else { return (level &* Int64(steps)) &>> 4 }
        return (level &+ (recent &* 5) &>> 4) &>> 4
    }

    /// The likely size of the folded miss, as a power of two.
    @inline(__always)
    func low(steps: Int) -> Int {
        let width = UInt64(truncatingIfNeeded: spread &>> 4).width
        return min(steps == 1 ? width : width &+ UInt64(steps).width, NumberCode.lowMax)
    }

    /// Takes in a difference over one step and the miss of its forecast. A difference over several says too little
    /// about each of them: `skip`.
    @inline(__always)
    mutating func learn(_ difference: Int64, miss: Int64) {
        let reach = spread &* Self.reachFactor &+ Self.reachLeast
        let missed = min(abs(Self.limited(miss)) &* 16, reach)
        spread &+= (missed &- spread) &>> (learned < 3 ? 2 : 3)
        let apart = min(max(Self.limited(difference) &* 16 &- level, -reach), reach)
        let step = apart &>> (learned == 0 ? 1 : learned < 5 ? 2 : 3)
        level &+= step
        recent = apart &- step
        learned &+= 1
    }

    mutating func skip() { recent = 0 }
}
