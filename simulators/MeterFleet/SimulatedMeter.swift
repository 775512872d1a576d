import Metering
import Modbus

/// One meter behind a gateway: turns its dial into words, as its profile lays them out. A value made when it is
/// asked; 726,995 of them cost nothing until then.
package struct SimulatedMeter: Sendable {
    /// Number within the fleet, from 1: what its chance hangs on.
    package let number: Int64
    package let unit: UInt8
    package internal(set) var names: MeterNames
    package let model: MeterModel
    package internal(set) var dial: Dial
    /// Whole kWh digits of the dial; 0 for a dial that never wraps.
    package let digits: Int
    /// CT × VT, 1 or more: what primary-side registers are multiplied by.
    package let multiplier: Int64
    /// The meter keeps no frozen day before this one.
    package internal(set) var installed: ServiceDay
    /// Where all dials begin again at 0, if that is neither the model's nor a matter of digits.
    package internal(set) var rolloverWattHours: Int64?
    /// How far the meter's own clock is ahead of civil time; below zero it is behind. Its midnights move with it.
    package let clockOffsetSeconds: Int64

    package init(
        number: Int64, unit: UInt8, names: MeterNames, model: MeterModel, dial: Dial, digits: Int = 6,
        multiplier: Int64 = 1, installed: ServiceDay, rolloverWattHours: Int64? = nil,
        clockOffsetSeconds: Int64 = 0
    ) {
        precondition((0...12).contains(digits), "a dial has 0 to 12 digits")
        precondition(multiplier >= 1, "a multiplier is 1 or more")
        self.number = number
        self.unit = unit
        self.names = names
        self.model = model
        self.dial = dial
        self.digits = digits
        self.multiplier = multiplier
        self.installed = installed
        self.rolloverWattHours = rolloverWattHours
        self.clockOffsetSeconds = clockOffsetSeconds
    }

    package var serial: String { names.serial ?? MeterNames.serial(of: number) }
    package var usagePoint: String { names.usagePoint ?? MeterNames.usagePoint(of: number, district: names.district) }

    // MARK: - The dial

    /// What a person would see on the dial at 00:00 of `day`, cut to the finest step the model shows (the frozen
    /// record's where it freezes this register). `nil` for a register the model does not carry.
    package func truth(_ register: Register, at day: ServiceDay) -> Energy? {
        truth(register, dial.face(at: CivilMoment(day: day)))
    }

    package func truth(_ register: Register, _ face: DialFace) -> Energy? {
        guard let value = model.finestValue(of: register) else { return nil }
        let factor = value.side == .primary ? multiplier : 1
        let shown = Self.parts(of: wrapped(face[register]) * factor, value.parts).reduce(0) {
            $0 + WordEncoder.shown($1, as: value.encoding)
        }
        return Energy(wattHours: shown / factor)
    }

    /// A sum's parts: as even as whole numbers can be. Each grows with the whole and never goes back.
    static func parts(of whole: Int64, _ count: Int) -> [Int64] {
        (0..<Int64(count)).map { (whole + $0) / Int64(count) }
    }

    /// The index as a dial with so many digits shows it; the model's own modulus holds where it is known.
    private func wrapped(_ index: Energy) -> Int64 {
        if let rolloverWattHours { return index.wattHours % rolloverWattHours }
        guard digits > 0 else {
            guard let modulus = model.profile.rolloverWattHours, modulus > 0 else { return index.wattHours }
            return index.wattHours % modulus
        }
        return index.wattHours % (0..<digits + 3).reduce(1) { power, _ in power * 10 }
    }

    // MARK: - Words

    /// Appends the words a read request is answered with.
    /// - Returns: the Modbus exception code to answer instead, and then nothing is appended: 3 for more words than
    ///   the model answers at once, 2 for a word that it does not declare or an odd address it does not accept.
    package func append(_ range: WordRange, at moment: CivilMoment, to words: inout [UInt16]) -> UInt8? {
        let profile = model.profile
        guard Int(range.count) <= profile.maxWords else { return 3 }
        if profile.evenAddresses, range.address % 2 != 0 || range.count % 2 != 0 { return 2 }
        if let check = profile.identity?.model, check.value.range == range {
            words.append(contentsOf: check.expected[0])
            return nil
        }
        if let clock = profile.clock, clock.range == range {
            words.append(contentsOf: stamp(ownTime(moment), as: clock.encoding))
            return nil
        }
        if let block = profile.identity?.wholeBlock, block.overlaps(range) {
            return appendIdentity(block, asked: range, at: moment, to: &words)
        }
        if let daily = profile.dailyEnergies, let offset = daily.offset(of: range) {
            return appendDays(daily, offset: offset, count: Int(range.count), at: moment, to: &words)
        }
        if let frozen = profile.frozen, range.function == frozen.function, range.address >= frozen.base,
            Int(range.address) < Int(frozen.base) + frozen.slots * frozen.stride
        {
            return appendFrozen(range, frozen, at: moment, to: &words)
        }
        let start = words.count
        let face = dial.face(at: moment)
        var address = range.address
        while words.count - start < Int(range.count) {
            guard let value = model.value(range.function, at: address) else {
                words.removeLast(words.count - start)
                return 2
            }
            // A read may begin or end inside a value: the rest of the value is cut off on both sides.
            let before = words.count
            append(value, face, moment, to: &words)
            words.removeSubrange(before..<before + Int(address - value.range.address))
            let surplus = words.count - start - Int(range.count)
            if surplus > 0 { words.removeLast(surplus) }
            guard value.range.end <= Int(UInt16.max) || words.count - start == Int(range.count) else { break }
            address = UInt16(truncatingIfNeeded: value.range.end)
        }
        return nil
    }

    private func append(_ value: ProfileValue, _ face: DialFace, _ moment: CivilMoment, to words: inout [UInt16]) {
        if let register = value.register {
            let factor = value.side == .primary ? multiplier : 1
            for part in Self.parts(of: wrapped(face[register]) * factor, value.parts) {
                WordEncoder.append(part, as: value.encoding, to: &words)
            }
            return
        }
        if value == model.profile.identity?.serial {
            append(text: serial, as: value.encoding, to: &words)
        } else if value == model.profile.identity?.firmware {
            append(text: value.encoding.type == .ascii ? "SIM 1" : "1", as: value.encoding, to: &words)
        } else if let check = model.profile.identity?.model, value == check.value {
            words.append(contentsOf: check.expected[0])
        } else if value.encoding.type.isText {
            words.append(contentsOf: Array(repeating: 0, count: value.encoding.wordCount))
        } else {
            for part in Self.parts(of: quantity(value, moment), value.parts) {
                WordEncoder.append(part, as: value.encoding, to: &words)
            }
        }
    }

    private func append(text: String, as encoding: WordEncoding, to words: inout [UInt16]) {
        // A fleet file whose serial does not fit its model is refused, so zeros are the model's own "no serial".
        words.append(
            contentsOf: WordEncoder.words(text: text, as: encoding) ?? Array(repeating: 0, count: encoding.wordCount))
    }

    /// A block that is given whole: its declared values, and zeros between them.
    private func appendIdentity(
        _ block: WordRange, asked range: WordRange, at moment: CivilMoment, to words: inout [UInt16]
    ) -> UInt8? {
        guard range == block else { return 2 }
        let face = dial.face(at: moment)
        var address = Int(block.address)
        while address < block.end {
            if let value = model.value(block.function, at: UInt16(address)), Int(value.range.address) == address {
                append(value, face, moment, to: &words)
                address = value.range.end
            } else {
                words.append(0)
                address += 1
            }
        }
        return nil
    }

    /// A plausible grid, in thousandths of the printed unit: 224 to 236 V, 49.95 to 50.05 Hz, new every minute; and
    /// the half hour's mean power.
    private func quantity(_ value: ProfileValue, _ moment: CivilMoment) -> Int64 {
        let minute = Int64(moment.day.number) * 1440 + moment.microseconds / 60_000_000
        let chance = Chance(seed: UInt64(bitPattern: number)).of(minute).of(Int64(value.range.address))
        switch value.unit {
        case "V": return chance.number(in: 224_000...236_000)
        case "Hz": return chance.number(in: 49_950...50_050)
        case "W": return watts(moment) * 1000
        case "kW": return watts(moment)
        default: return 0
        }
    }

    private func watts(_ moment: CivilMoment) -> Int64 {
        if case .still(_, let from, let to, let watts) = dial, from <= moment, moment < to { return watts }
        let halfHour: Int64 = 1_800_000_000
        let start = moment.microseconds / halfHour * halfHour
        let isLast = start + halfHour == CivilMoment.microsecondsADay
        let end =
            isLast
            ? CivilMoment(day: moment.day.next) : CivilMoment(day: moment.day, microseconds: start + halfHour)
        let begin = dial.face(at: CivilMoment(day: moment.day, microseconds: start))
        return (dial.face(at: end)[.activeImport] - begin[.activeImport]).wattHours * 2
    }

    // MARK: - Frozen days

    /// Slot 0 holds the latest midnight. A read must lie within one record.
    private func appendFrozen(
        _ range: WordRange, _ frozen: FrozenDays, at moment: CivilMoment, to words: inout [UInt16]
    ) -> UInt8? {
        let offset = Int(range.address - frozen.base)
        let (slot, first) = offset.quotientAndRemainder(dividingBy: frozen.stride)
        guard first + Int(range.count) <= frozen.recordWords else { return 2 }
        let midnight = ownTime(moment).day - slot
        guard midnight >= installed else {
            words.append(contentsOf: repeatElement(0, count: Int(range.count)))
            return nil
        }
        var record = [UInt16](repeating: 0, count: frozen.recordWords)
        let stamped: ServiceDay
        switch frozen.stamp {
        case .startOfDay: stamped = midnight
        case .endOfDay: stamped = midnight.previous
        }
        let (year, month, day) = stamped.civil
        // Two bytes a word: year since 2000 and month, day and hour (ADL400 record, words +0 and +1).
        record[frozen.stampOffset] = UInt16(truncatingIfNeeded: year - 2000) << 8 | UInt16(month)
        record[frozen.stampOffset + 1] = UInt16(day) << 8
        let face = dial.face(at: civilTime(CivilMoment(day: midnight)))
        for value in frozen.values {
            guard let register = value.register else { continue }
            let factor = value.side == .primary ? multiplier : 1
            var encoded: [UInt16] = []
            for part in Self.parts(of: wrapped(face[register]) * factor, value.parts) {
                WordEncoder.append(part, as: value.encoding, to: &encoded)
            }
            let position = Int(value.range.address - frozen.base)
            record.replaceSubrange(position..<position + encoded.count, with: encoded)
        }
        words.append(contentsOf: record[first..<first + Int(range.count)])
        return nil
    }
}
