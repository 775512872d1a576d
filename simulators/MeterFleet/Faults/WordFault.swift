import Metering
import Modbus

/// What a fault makes of the words of a reply. The dial behind them stays as it is.
struct WordFault {
    private let hit: GatewayWire.Hit
    private let model: MeterModel
    private let scope: FaultKind.WordScope

    /// `nil` for a fault that leaves the words alone.
    init?(_ hit: GatewayWire.Hit, _ model: MeterModel) {
        switch hit.kind {
        case .swappedWords(let scope), .notAvailable(_, let scope), .falseIndex(_, let scope): self.scope = scope
        default: return nil
        }
        self.hit = hit
        self.model = model
    }

    /// Changes each number that lies whole within the reply to `range`.
    func apply(to words: inout [UInt16], of range: WordRange) {
        for placed in model.numbers(in: range) where placed.words.upperBound <= words.count && concerns(placed) {
            // A value may be a sum of numbers, one after the other.
            let width = placed.value.encoding.wordCount
            for start in stride(from: placed.words.lowerBound, to: placed.words.upperBound, by: width) {
                let own = Array(words[start..<start + width])
                words.replaceSubrange(start..<start + width, with: replacement(for: own, placed.value))
            }
        }
    }

    private func concerns(_ placed: PlacedValue) -> Bool {
        guard scope.frozen || !placed.isFrozen else { return false }
        if case .falseIndex = hit.kind, placed.value.register == nil { return false }
        guard let registers = scope.registers else { return true }
        return placed.value.register.map(registers.contains) ?? false
    }

    private func replacement(for words: [UInt16], _ value: ProfileValue) -> [UInt16] {
        switch hit.kind {
        case .swappedWords: return words.reversed()
        case .falseIndex(.zero, _): return words.map { _ in 0 }
        case .falseIndex(.garbage, _):
            let chance = hit.chance.of(Int64(value.range.address))
            return words.indices.map { UInt16(chance.of(Int64($0)).number(in: 0...0xFFFF)) }
        case .notAvailable(let absence, _):
            let bits = Self.bits(of: absence, value.encoding)
            let high = value.encoding.wordCount - 1
            return words.indices.map { position in
                let fromLow = value.encoding.order == .big ? high - position : position
                return fromLow < 4 ? UInt16(truncatingIfNeeded: bits >> UInt64(16 * fromLow)) : 0
            }
        default: return words
        }
    }

    private static func bits(of absence: FaultKind.Absence, _ encoding: WordEncoding) -> UInt64 {
        let width = UInt64(16 * min(encoding.wordCount, 4))
        let allOnes = UInt64.max >> (64 - width)
        let signOnly = (1 as UInt64) << (width - 1)
        // IEEE 754 §3.4: the exponent's bits, and for not-a-number the first of the fraction too.
        let infinity: UInt64 = encoding.type == .f64 ? 0x7FF0 << 48 : 0x7F80 << (width - 16)
        let notANumber: UInt64 = encoding.type == .f64 ? 0x7FF8 << 48 : 0x7FC0 << (width - 16)
        switch absence {
        case .allOnes: return allOnes
        case .signOnly: return signOnly
        case .notANumber: return notANumber
        case .infinity: return infinity
        case .zero: return 0
        case .model:
            if let sentinel = encoding.sentinels.first { return sentinel.bits }
            if encoding.type.isFloat { return notANumber }
            return encoding.type.isSigned ? signOnly : allOnes
        }
    }
}

/// A number of a meter and where its words lie in a reply.
struct PlacedValue: Sendable {
    let value: ProfileValue
    let words: Range<Int>
    let isFrozen: Bool
}

extension MeterModel {
    /// Whether a range lies among the records of past days.
    func isFrozen(_ range: WordRange) -> Bool {
        guard let frozen = profile.frozen, frozen.function == range.function else { return false }
        return range.address >= frozen.base && Int(range.address) < Int(frozen.base) + frozen.slots * frozen.stride
    }

    /// The numbers (no texts) that lie whole within a range.
    func numbers(in range: WordRange) -> [PlacedValue] {
        let placed: [PlacedValue]
        if let frozen = profile.frozen, isFrozen(range) {
            let offset = Int(range.address - frozen.base) % frozen.stride
            placed = frozen.values.map { value in
                let start = Int(value.range.address - frozen.base) - offset
                return PlacedValue(value: value, words: start..<start + Int(value.range.count), isFrozen: true)
            }
        } else {
            placed = profile.values.filter { $0.range.function == range.function }.map { value in
                let start = Int(value.range.address) - Int(range.address)
                return PlacedValue(value: value, words: start..<start + Int(value.range.count), isFrozen: false)
            }
        }
        return placed.filter {
            !$0.value.encoding.type.isText && $0.words.lowerBound >= 0 && $0.words.upperBound <= Int(range.count)
        }
    }
}
