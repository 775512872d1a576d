import Metering

/// What a chunk counts in. Meters show tens or hundreds of watt-hours, few show single ones: zeros at the end of every
/// index are told once.
///
/// It is the greatest of 1, 10, 100, 1,000 and 10,000 Wh that divides every frozen index (every index, where none is
/// frozen), and 1 Wh where they are all zero. An index that is not the meter's own record lies anywhere: what it has
/// beyond the unit stands for itself.
struct DialUnit: Equatable {
    static let exponentMax = 4

    let exponent: Int
    let wattHours: Int64

    /// - Parameter exponent: 0...4.
    init(exponent: Int) {
        self.exponent = exponent
        wattHours =
            switch exponent {
            case 0: 1
            case 1: 10
            case 2: 100
            case 3: 1000
            default: 10_000
            }
    }

    init(of indices: some Collection<some DialPoint>) {
        let hasFrozen = indices.contains { $0.quality.isFrozen }
        var (exponent, power, isZero) = (Self.exponentMax, Self(exponent: Self.exponentMax).wattHours, true)
        for point in indices where point.quality.isFrozen || !hasFrozen {
            let index = point.index.wattHours
            isZero = isZero && index == 0
            while exponent > 0, index % power != 0 { (exponent, power) = (exponent - 1, power / 10) }
            if exponent == 0 { break }
        }
        self.init(exponent: isZero ? 0 : exponent)
    }

    /// The greatest index, in units.
    var most: Int64 { .max / wattHours }

    /// Bits of what an index has beyond the unit.
    var remainderBits: Int { UInt64(wattHours - 1).width }

    /// Whether these indices, read in this unit, would be written in it.
    func isRight(for indices: some Collection<some DialPoint>) -> Bool {
        // Mostly the first index says that there is no greater one.
        let greater = wattHours &* 10
        let isGreatest = indices.first.map { $0.quality.isFrozen && $0.index.wattHours % greater != 0 } ?? false
        return isGreatest || Self(of: indices) == self
    }
}

/// How a unit stands in a chunk: its exponent less one in two bits; where there are frozen indices and others, a bit
/// that says whether one of the others is no multiple, and if so, after all else, what each of them has beyond one.
enum UnitBits {
    /// - Returns: whether remainders have to follow.
    static func put(_ unit: DialUnit, of indices: some Collection<some DialPoint>, to writer: inout BitWriter) -> Bool {
        guard unit.exponent > 0 else { return false }
        writer.put(UInt64(unit.exponent - 1), bits: 2)
        guard isMixed(indices) else { return false }
        let hasRemainders = indices.contains { $0.index.wattHours % unit.wattHours != 0 }
        writer.put(hasRemainders ? 1 : 0, bits: 1)
        return hasRemainders
    }

    static func put(
        remaindersOf indices: some Collection<some DialPoint>, _ unit: DialUnit, to writer: inout BitWriter
    ) {
        for index in indices where !index.quality.isFrozen {
            writer.put(UInt64(index.index.wattHours % unit.wattHours), bits: unit.remainderBits)
        }
    }

    static func take(from reader: inout BitReader) throws(UnreadableBody) -> DialUnit {
        DialUnit(exponent: Int(try reader.take(2)) + 1)
    }

    /// Whether remainders follow these indices.
    static func takeFlag(
        of indices: some Collection<some DialPoint>, from reader: inout BitReader
    ) throws(UnreadableBody) -> Bool { isMixed(indices) ? try reader.flag() : false }

    static func remainder(of unit: DialUnit, from reader: inout BitReader) throws(UnreadableBody) -> Int64 {
        let remainder = Int64(try reader.take(unit.remainderBits))
        guard remainder < unit.wattHours else { throw UnreadableBody() }
        return remainder
    }

    private static func isMixed(_ indices: some Collection<some DialPoint>) -> Bool {
        indices.contains { $0.quality.isFrozen } && indices.contains { !$0.quality.isFrozen }
    }
}

/// An index at its place in a chunk.
protocol DialPoint {
    var index: Energy { get }
    var quality: IndexQuality { get }
}

extension DailyIndex: DialPoint {}
extension SlotIndex: DialPoint {}

extension IndexQuality {
    var isFrozen: Bool {
        switch self {
        case .frozen: true
        case .measured, .estimated, .edited: false
        }
    }

    /// What stands on the meter's own record, or on a person's word, has no bound.
    var hasBound: Bool {
        switch self {
        case .measured, .estimated: true
        case .frozen, .edited: false
        }
    }
}
