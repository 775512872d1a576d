import Metering

/// Daily dials that the meter keeps itself, as records at a fixed stride. Each record carries its own date: the slot
/// number says only where to look, never which day it is.
package struct FrozenDays: Hashable, Sendable {
    /// Which moment a record stamped D stands for.
    package enum Stamp: String, CaseIterable, Hashable, Sendable {
        /// The dial at D 00:00.
        case startOfDay = "start-of-day"
        /// The dial at D 24:00, which is D+1 00:00.
        case endOfDay = "end-of-day"
    }

    package let function: ReadFunction
    /// Address of slot 0, assumed to be the newest.
    package let base: UInt16
    /// Words from one record to the next.
    package let stride: Int
    package let slots: Int
    package let stamp: Stamp
    /// Two words within the record: year-2000 and month, day and hour, one byte each.
    package let stampOffset: Int
    /// The dials of a record; their ranges are those of slot 0.
    package let values: [ProfileValue]
    /// Words of a record that are read: from its start to the end of the stamp or of the last dial.
    package let recordWords: Int

    /// `nil` unless all records lie within the address space, dials and stamp lie within one stride without sharing a
    /// word, and every value has a register, the function, and a range in slot 0.
    package init?(
        function: ReadFunction, base: UInt16, stride: Int, slots: Int, stamp: Stamp, stampOffset: Int,
        values: [ProfileValue]
    ) {
        let lengths = values.map { $0.range.end - Int(base) } + [stampOffset + 2]
        guard let recordWords = lengths.max(), slots >= 1, stride >= recordWords, stampOffset >= 0,
            recordWords <= Int(WordRange.countMax), !values.isEmpty,
            Int(base) + (slots - 1) * stride + recordWords <= 0x1_0000,
            values.allSatisfy({ $0.register != nil && $0.range.function == function && $0.range.address >= base })
        else { return nil }
        let sorted = values.sorted { $0.range.address < $1.range.address }
        let stampStart = Int(base) + stampOffset
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.range.end <= Int($1.range.address) }),
            sorted.allSatisfy({ $0.range.end <= stampStart || Int($0.range.address) >= stampStart + 2 })
        else { return nil }
        self.function = function
        self.base = base
        self.stride = stride
        self.slots = slots
        self.stamp = stamp
        self.stampOffset = stampOffset
        self.values = sorted
        self.recordWords = recordWords
    }

    package var registers: [Register] { values.compactMap(\.register) }

    /// The words of one record; `nil` beyond the last slot.
    package func range(slot: Int) -> WordRange? {
        guard (0..<slots).contains(slot) else { return nil }
        return WordRange(
            function: function, address: UInt16(Int(base) + slot * stride), count: UInt16(recordWords))
    }

    /// Reads the whole answer to `range(slot:)`. A dial that is not available is left out of the record.
    package func record(in words: [UInt16], multiplier: Int64) -> FrozenRecord {
        precondition(words.count == recordWords, "a record is decoded from the whole answer to its own range")
        let stampWords = words[stampOffset..<stampOffset + 2]
        if stampWords.allSatisfy({ $0 == 0 }) || stampWords.allSatisfy({ $0 == 0xFFFF }) { return .empty }
        let day: ServiceDay
        switch self.day(stampedAt: words[stampOffset], words[stampOffset + 1]) {
        case .success(let stamped): day = stamped
        case .failure(let reason): return .unreadable(reason.text)
        }
        var readings: [Reading] = []
        var absent: [String] = []
        for value in values {
            let offset = Int(value.range.address - base)
            let decoded = value.decode(words[offset..<offset + Int(value.range.count)], multiplier: multiplier)
            switch (value.register, decoded.outcome) {
            case (let register?, .energy(let index)):
                readings.append(Reading(register: register, moment: .frozen(day), index: index, words: decoded.words))
            case (_, .absent(let reason)): absent.append("\(value.name): \(reason)")
            default: preconditionFailure("a register decodes to energy or to nothing")
            }
        }
        guard !readings.isEmpty else { return .unreadable("\(day): \(absent.joined(separator: "; "))") }
        return .record(day: day, readings: readings)
    }

    private struct BadStamp: Error { let text: String }

    /// The day at whose first instant the dials stood so.
    private func day(stampedAt yearMonth: UInt16, _ dayHour: UInt16) -> Result<ServiceDay, BadStamp> {
        let stamped = "timestamp 0x\(yearMonth.hex) 0x\(dayHour.hex)"
        let hour = Int(dayHour & 0xFF)
        guard
            let date = ServiceDay(
                year: 2000 + Int(yearMonth >> 8), month: Int(yearMonth & 0xFF), day: Int(dayHour >> 8))
        else { return .failure(BadStamp(text: "\(stamped) names no day")) }
        // A dial kept at another hour is no midnight index, however plausible.
        switch stamp {
        case .startOfDay where hour == 0: return .success(date)
        case .endOfDay where [0, 23, 24].contains(hour): return .success(date.next)
        case .startOfDay, .endOfDay:
            return .failure(BadStamp(text: "\(stamped) is \(date) hour \(hour), not midnight"))
        }
    }
}

/// What a slot holds.
package enum FrozenRecord: Hashable, Sendable {
    /// The dials at the first instant of `day`.
    case record(day: ServiceDay, readings: [Reading])
    /// No record yet: the stamp is all zeros or all ones.
    case empty
    /// Words that are no record of a known midnight, and why.
    case unreadable(String)
}
