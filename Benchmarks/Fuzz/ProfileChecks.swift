import Metering
import Modbus

/// What must hold for any words of any model, and for any text that wants to be a profile.
enum ProfileChecks {
    /// No dial has 10^15 Wh; nothing below zero is one.
    private static let indices: ClosedRange<Int64> = 0...999_999_999_999_999

    /// Decodes random words of everything the profile can ask for.
    static func decode(_ profile: MeterProfile, _ mutation: inout Mutation) throws(Broken) {
        let multiplier = Int64(1 + mutation.number(below: 4000))
        var decoded: [[DecodedValue]] = []
        for block in profile.fullPlan.blocks + profile.livePlan.blocks + profile.checkPlan.blocks {
            let count = Int(block.range.count)
            try always(count <= profile.maxWords, "\(profile.label): a request of \(count) words")
            let words = mutation.words(count)
            let values = block.decode(words, multiplier: multiplier)
            for value in values { try check(value, profile) }
            let (readings, absent) = block.readings(from: words, multiplier: multiplier)
            let dials = block.values.filter { $0.register != nil }
            try always(readings.count + absent.count == dials.count, "\(profile.label): a dial neither read nor absent")
            decoded.append(values)
        }
        if case .failed(let sentences) = ProfileCheck.judge(decoded, of: profile) {
            try always(!sentences.isEmpty, "a failed check says why")
        }
        try guesses(profile, &mutation)
        try frozen(profile, multiplier, &mutation)
        try energies(profile, &mutation)
        if let clock = profile.clock {
            let shown = clock.encoding.content(of: mutation.words(Int(clock.range.count)), in: .vietnam)
            if case .instant(let instant) = shown { try check(instant) }
        }
    }

    private static func check(_ value: DecodedValue, _ profile: MeterProfile) throws(Broken) {
        switch value.outcome {
        case .energy(let energy):
            try always(indices.contains(energy.wattHours), "\(profile.label) \(value.value.name): \(energy)")
        case .quantity(let number, _), .text(let number):
            try always(!number.isEmpty, "\(profile.label) \(value.value.name): nothing shown")
        case .absent(let why): try always(!why.isEmpty, "absent without a reason")
        }
    }

    private static func check(_ instant: Instant) throws(Broken) {
        // 1970 to 2127: 127 years from 2000 is all that a byte of years says.
        try always((-86_400...4_986_000_000).contains(instant.seconds), "a time of \(instant.seconds) s")
    }

    private static func guesses(_ profile: MeterProfile, _ mutation: inout Mutation) throws(Broken) {
        guard let value = MapRehearsal.values(of: profile).last else { return }
        let all = MapRehearsal.values(of: profile)
        let tried = mutation.happens(oneIn: 4) ? value : mutation.one(of: all)
        let guesses = MapRehearsal.guesses(
            at: tried, words: mutation.words(Int(tried.range.count)), of: profile,
            digits: 1 + mutation.number(below: 12))
        try always((2...4).contains(guesses.count), "two or four orders")
        for guess in guesses where guess.isPlausible == true {
            try always(guess.shown != nil, "what could be true is shown")
        }
    }

    private static func frozen(
        _ profile: MeterProfile, _ multiplier: Int64, _ mutation: inout Mutation
    ) throws(Broken) {
        guard let frozen = profile.frozen else { return }
        try always(frozen.range(slot: frozen.slots - 1) != nil, "the last record can be asked for")
        var words = mutation.words(frozen.recordWords)
        if mutation.happens(oneIn: 2) {
            words[frozen.stampOffset] = 0x1905
            words[frozen.stampOffset + 1] = UInt16(1 + mutation.number(below: 31)) << 8
        }
        guard case .record(let day, let readings) = frozen.record(in: words, multiplier: multiplier) else { return }
        for reading in readings {
            try always(reading.moment == .frozen(day), "a record's dials are of its own day")
            try always(indices.contains(reading.index.wattHours), "\(profile.label) frozen \(reading.index)")
        }
    }

    private static func energies(_ profile: MeterProfile, _ mutation: inout Mutation) throws(Broken) {
        guard let log = profile.dailyEnergies else { return }
        let count = 1 + mutation.number(below: min(log.recordsMax, log.days))
        guard let range = log.range(daysBack: 0, count: count) else {
            throw Broken(description: "\(profile.label): \(count) days cannot be asked for")
        }
        var words = mutation.words(Int(range.count))
        if mutation.happens(oneIn: 2), log.stamp.form == .unixUTC { chain(&words, log, count, &mutation) }
        let records = log.records(in: words, calendar: .vietnam)
        try always(records.count == count, "as many records as were asked")
        for case .day(let day) in records {
            try check(day.stamp)
            try always(
                day.energies.count + day.absent.count == log.registers.count, "an energy neither read nor absent")
            try always(
                day.energies.values.allSatisfy { indices.contains($0.wattHours) }, "\(profile.label) \(day.energies)")
        }
        guard case .day(let today)? = records.first else { return }
        let dial = log.registers.map {
            Reading(
                register: $0, moment: .live, index: Energy(wattHours: Int64(mutation.number(below: 200_000))),
                words: [])
        }
        let derived = DayIndices.derive(
            todayBefore: today, dial: dial, todayAfter: today, days: Array(records.dropFirst()))
        guard case .success(let chain) = derived else { return }
        for reading in chain.readings {
            try always(reading.index.wattHours >= 0, "an index of \(reading.index)")
            guard case .frozen(let day) = reading.moment else {
                throw Broken(description: "a live index of a midnight")
            }
            try always(day <= today.day, "an index of a day to come")
        }
    }

    /// Makes days that follow each other, with energies of a household (0, 200, 2,500 and 5,000 as 32-bit floats).
    private static func chain(_ words: inout [UInt16], _ log: DailyEnergies, _ count: Int, _ mutation: inout Mutation) {
        for back in 0..<count {
            for position in 0..<log.recordWords { words[back * log.stride + position] = 0 }
            for value in log.values {
                let start = back * log.stride + Int(value.range.address - log.place.base)
                words[start] = mutation.one(of: [0, 0x4348, 0x451C, 0x459C])
                if value.range.count > 1 { words[start + 1] = words[start] == 0x4348 ? 0 : 0x4000 }
            }
            // Noon of 2025-05-10 in Vietnam, and the last second of each day before it.
            let seconds = 1_746_853_200 - UInt32(back) * 86_400 + (back == 0 ? 0 : 43_199)
            let stamp = log.stamp.order.rearranged([UInt16(seconds >> 16), UInt16(truncatingIfNeeded: seconds)])
            let start = back * log.stride + log.stampOffset
            words.replaceSubrange(start..<start + stamp.count, with: stamp)
        }
    }

    /// A profile without a fault, or faults that say where and what would be right.
    /// - Returns: whether it is a profile.
    static func read(_ text: [UInt8], _ mutation: inout Mutation) throws(Broken) -> Bool {
        let profile: MeterProfile
        do {
            profile = try MeterProfile(yaml: String(decoding: text, as: UTF8.self), file: "fuzz.yaml")
        } catch let faults as InputFaults {
            try always(!faults.faults.isEmpty, "a refused profile has a fault")
            try always(
                faults.faults.allSatisfy { !$0.remedy.isEmpty && $0.line >= 0 }, "a fault says what would be right")
            return false
        } catch {
            throw Broken(description: "a refused profile throws InputFaults, not \(error)")
        }
        try always(profile.values.contains { $0.register == .activeImport }, "a profile has an import")
        try decode(profile, &mutation)
        return true
    }
}
