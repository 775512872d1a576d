import Metering
import Modbus

/// The energies of days that a meter keeps, as its profile lays them out. Whole watt-hours, and their sum is the dial:
/// the meter's own day begins and ends where its dial was looked at.
extension SimulatedMeter {
    /// Appends whole records from `offset` words behind today's on.
    /// - Returns: exception 2, and then nothing is appended, for a request that begins or ends inside a record or goes
    ///   beyond the last one.
    func appendDays(
        _ daily: DailyEnergies, offset: Int, count: Int, at moment: CivilMoment, to words: inout [UInt16]
    ) -> UInt8? {
        let (first, before) = offset.quotientAndRemainder(dividingBy: daily.stride)
        let (further, behind) = (count - daily.recordWords).quotientAndRemainder(dividingBy: daily.stride)
        guard before == 0, behind == 0, further >= 0, first + further < daily.days else { return 2 }
        for back in first...first + further {
            words.append(contentsOf: record(daily, back: back, at: moment))
            guard back < first + further else { break }
            words.append(contentsOf: repeatElement(0, count: daily.stride - daily.recordWords))
        }
        return nil
    }

    /// One record; zeros for a day before the installation.
    private func record(_ daily: DailyEnergies, back: Int, at moment: CivilMoment) -> [UInt16] {
        var record = [UInt16](repeating: 0, count: daily.recordWords)
        let now = ownTime(moment)
        let day = now.day - back
        guard day >= installed else { return record }
        let end = back == 0 ? moment : civilTime(CivilMoment(day: day.next))
        // A day's record is written until its last second; today's until now.
        let stamped = back == 0 ? now : CivilMoment(day: day, microseconds: CivilMoment.microsecondsADay - 1)
        let stampWords = stamp(stamped, as: daily.stamp)
        record.replaceSubrange(daily.stampOffset..<daily.stampOffset + stampWords.count, with: stampWords)
        let (start, stop) = (dial.face(at: civilTime(CivilMoment(day: day))), dial.face(at: end))
        for value in daily.values {
            guard let register = value.register else { continue }
            let from = Self.parts(of: start[register].wattHours, value.parts)
            let to = Self.parts(of: stop[register].wattHours, value.parts)
            var encoded: [UInt16] = []
            for (from, to) in zip(from, to) { WordEncoder.append(to - from, as: value.encoding, to: &encoded) }
            let position = Int(value.range.address - daily.place.base)
            record.replaceSubrange(position..<position + encoded.count, with: encoded)
        }
        return record
    }

    /// What the meter's clock shows at a civil moment.
    func ownTime(_ moment: CivilMoment) -> CivilMoment { moment.later(seconds: clockOffsetSeconds) }

    /// The civil moment at which the meter's clock shows `own`.
    func civilTime(_ own: CivilMoment) -> CivilMoment { own.later(seconds: -clockOffsetSeconds) }

    /// A moment of the meter's own clock in words, written from the makers' tables apart from the decoder.
    func stamp(_ moment: CivilMoment, as encoding: TimeEncoding) -> [UInt16] {
        let instant = model.calendar.start(of: moment.day) + Instant.Span(microseconds: moment.microseconds)
        let day: ServiceDay
        let second: Int64
        switch encoding.zone {
        case .local: (day, second) = (moment.day, moment.microseconds / 1_000_000)
        case .utc:
            day = ServiceDay(number: Int32(instant.seconds.flooredQuotient(by: 86_400)))
            second = instant.seconds - Int64(day.number) * 86_400
        }
        let civil = day.civil
        let (year, month, date) = (UInt16(civil.year - 2000), UInt16(civil.month), UInt16(civil.day))
        let (hour, minute, rest) = (UInt16(second / 3600), UInt16(second / 60 % 60), UInt16(second % 60))
        switch encoding.form {
        case .unixUTC, .unixUTC64:
            let seconds = UInt32(truncatingIfNeeded: instant.seconds)
            let words =
                Array(repeating: 0, count: encoding.wordCount - 2)
                + [UInt16(seconds >> 16), UInt16(truncatingIfNeeded: seconds)]
            return WordEncoder.onWire(words, encoding.order)
        case .byteWords: return [year << 8 | month, date << 8 | hour, minute << 8 | rest]
        case .dateTime:
            // The maker's weekday 1 is Sunday.
            let weekday = UInt16(day.weekday % 7 + 1)
            return [year, month << 8 | weekday << 5 | date, hour << 8 | minute, rest * 1000]
        }
    }
}

extension CivilMoment {
    /// So many seconds on, in days of 24 hours: a meter's clock knows no summer time.
    func later(seconds: Int64) -> CivilMoment {
        guard seconds != 0 else { return self }
        let total = microseconds + seconds * 1_000_000
        let days = total.flooredQuotient(by: Self.microsecondsADay)
        return CivilMoment(day: day + Int(days), microseconds: total - days * Self.microsecondsADay)
    }
}

extension DailyEnergies {
    /// Words between today's record and where `range` begins; `nil` where it begins outside the log and its copy.
    func offset(of range: WordRange) -> Int? {
        for place in [place, mirror].compactMap({ $0 }) {
            let offset = Int(range.address) - Int(place.base)
            guard range.function == place.function, range.file == place.file,
                (0..<days * stride).contains(offset)
            else { continue }
            return offset
        }
        return nil
    }
}
