import Metering

/// The energy of each day, as a meter keeps it: consumption, not a dial. Record 0 is today so far, record k the k-th
/// day before. Which day a record belongs to comes from its own timestamp only.
///
/// A timestamp is taken to lie within the day whose energy stands beside it, whether it is the day's start or its last
/// moment. A meter that stamps a day with the midnight after it would tell two records of today, and one whose day
/// changes at another hour stamps its days away from midnight: `DayIndices` refuses both.
package struct DailyEnergies: Hashable, Sendable {
    /// Where a run of records begins: a file, or the register space.
    package struct Place: Hashable, Sendable {
        package let function: ReadFunction
        /// 0 outside files.
        package let file: UInt16
        /// Address or record number of today's record.
        package let base: UInt16

        package init(function: ReadFunction, file: UInt16 = 0, base: UInt16) {
            self.function = function
            self.file = file
            self.base = base
        }

        /// `count` words from `offset` behind the base; `nil` where no request can read them.
        func range(offset: Int, count: Int) -> WordRange? {
            guard let address = UInt16(exactly: Int(base) + offset), let count = UInt16(exactly: count) else {
                return nil
            }
            return function == .fileRecord
                ? WordRange(file: file, record: address, count: count)
                : WordRange(function: function, address: address, count: count)
        }
    }

    package let place: Place
    /// Where the same records can be read as registers, for a gateway that does not pass function 20.
    package let mirror: Place?
    /// Words from one record to the next.
    package let stride: Int
    /// Records, today's included.
    package let days: Int
    package let stamp: TimeEncoding
    /// Where in a record its timestamp begins.
    package let stampOffset: Int
    /// The energies of a record; their ranges are those of today's record.
    package let values: [ProfileValue]
    /// Words of a record that are read: from its start to the end of the stamp or of the last energy.
    package let recordWords: Int
    /// Most records in one request: as many whole ones as fit, or one where words that nobody declares lie between
    /// them. A record is never split: its timestamp and its energies are true together only.
    package let recordsMax: Int

    /// `nil` unless every record can be read whole in `maxWords`, stamp and energies lie within one stride without
    /// sharing a word, and every value has a register and a place in today's record.
    package init?(
        place: Place, mirror: Place? = nil, stride: Int, days: Int, stamp: TimeEncoding, stampOffset: Int,
        values: [ProfileValue], maxWords: Int
    ) {
        let base = Int(place.base)
        let lengths = values.map { $0.range.end - base } + [stampOffset + stamp.wordCount]
        let wordsMax = min(maxWords, Int(place.function == .fileRecord ? WordRange.fileCountMax : WordRange.countMax))
        guard let recordWords = lengths.max(), !values.isEmpty, days >= 1, stampOffset >= 0, stride >= recordWords,
            recordWords <= wordsMax, (days - 1) * stride + recordWords <= 0x1_0000, mirror?.function != .fileRecord,
            values.allSatisfy({
                $0.register != nil && $0.range.function == place.function && $0.range.file == place.file
                    && $0.range.address >= place.base
            }),
            [place, mirror].compactMap({ $0 }).allSatisfy({
                $0.range(offset: (days - 1) * stride, count: recordWords) != nil
            })
        else { return nil }
        let sorted = values.sorted { $0.range.address < $1.range.address }
        let stampStart = base + stampOffset
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.range.end <= Int($1.range.address) }),
            sorted.allSatisfy({
                $0.range.end <= stampStart || Int($0.range.address) >= stampStart + stamp.wordCount
            })
        else { return nil }
        self.place = place
        self.mirror = mirror
        self.stride = stride
        self.days = days
        self.stamp = stamp
        self.stampOffset = stampOffset
        self.values = sorted
        self.recordWords = recordWords
        recordsMax = stride == recordWords ? wordsMax / stride : 1
    }

    package var registers: [Register] { values.compactMap(\.register) }

    /// The words of `count` whole records, the newest `daysBack` days before today (0 is today); `nil` beyond the last
    /// record and for more than `recordsMax` at once.
    package func range(daysBack: Int, count: Int = 1) -> WordRange? { range(in: place, daysBack, count) }

    /// The same records' words as registers; `nil` also where the meter has no such copy.
    package func mirrorRange(daysBack: Int, count: Int = 1) -> WordRange? {
        mirror.flatMap { range(in: $0, daysBack, count) }
    }

    private func range(in place: Place, _ daysBack: Int, _ count: Int) -> WordRange? {
        guard daysBack >= 0, (1...recordsMax).contains(count), daysBack + count <= days else { return nil }
        return place.range(offset: daysBack * stride, count: (count - 1) * stride + recordWords)
    }

    /// The records in the whole answer to a range, in its order: newest first. `calendar` decides which day a
    /// timestamp lies in.
    package func records(in words: [UInt16], calendar: ServiceCalendar) -> [DayEnergyRecord] {
        precondition(
            words.count % stride == recordWords % stride, "records are read from the whole answer to their range")
        return Swift.stride(from: 0, to: words.count, by: stride).map {
            record(words[$0..<$0 + recordWords], calendar: calendar)
        }
    }

    /// Less than any two time zones lie apart, and more than a meter's clock may go wrong.
    private static let midnightSpan = Instant.Span.minutes(10)

    private static func isAtMidnight(_ instant: Instant, _ calendar: ServiceCalendar) -> Bool {
        let day = calendar.day(at: instant)
        return instant - calendar.start(of: day) < midnightSpan || calendar.start(of: day.next) - instant < midnightSpan
    }

    private func record(_ words: ArraySlice<UInt16>, calendar: ServiceCalendar) -> DayEnergyRecord {
        let start = words.startIndex
        let stampWords = words[start + stampOffset..<start + stampOffset + stamp.wordCount]
        let instant: Instant
        switch stamp.content(of: stampWords, in: calendar) {
        case .instant(let stamped): instant = stamped
        case .absent(let why):
            let isUnset = stampWords.allSatisfy { $0 == 0 } || stampWords.allSatisfy { $0 == 0xFFFF }
            return isUnset ? .empty : .unreadable("timestamp \(why)")
        }
        var energies: [Register: Energy] = [:]
        var absent: [Register: String] = [:]
        for value in values {
            let offset = start + Int(value.range.address - place.base)
            let own = words[offset..<offset + Int(value.range.count)]
            switch (value.register, value.decode(own, multiplier: 1).outcome) {
            case (let register?, .energy(let energy)):
                if value.isExact(in: own) {
                    energies[register] = energy
                } else {
                    absent[register] = "\(energy) is beyond what its float holds to the watt-hour"
                }
            case (let register?, .absent(let why)): absent[register] = why
            default: preconditionFailure("a register decodes to energy or to nothing")
            }
        }
        return .day(
            DayEnergy(
                stamp: instant, day: calendar.day(at: instant), isAtMidnight: Self.isAtMidnight(instant, calendar),
                energies: energies, absent: absent, words: Array(words)))
    }
}

/// What stands in the place of a day's energy.
package enum DayEnergyRecord: Hashable, Sendable {
    case day(DayEnergy)
    /// No record: the stamp is all zeros or all ones.
    case empty
    /// Words that are no record of a known day, and why.
    case unreadable(String)
}

/// The energy of one day, of today so far.
package struct DayEnergy: Hashable, Sendable {
    package let stamp: Instant
    /// The service day in which `stamp` lies.
    package let day: ServiceDay
    /// The stamp lies within ten minutes of the day's first or last instant, as that of a whole day does.
    package let isAtMidnight: Bool
    package let energies: [Register: Energy]
    /// Registers that have no energy here, and why.
    package let absent: [Register: String]
    /// The whole record as it came.
    package let words: [UInt16]

    package init(
        stamp: Instant, day: ServiceDay, isAtMidnight: Bool, energies: [Register: Energy],
        absent: [Register: String] = [:], words: [UInt16]
    ) {
        self.stamp = stamp
        self.day = day
        self.isAtMidnight = isAtMidnight
        self.energies = energies
        self.absent = absent
        self.words = words
    }
}
