import Metering

/// The indices at the midnights behind us, from one look at the dial and the energies of the days between.
///
/// The dial now, less today's energy so far, is the index at today's first instant; that, less yesterday's energy, the
/// one before; and so on back. Exact in watt-hours: what the meter gave is added and subtracted, nothing is estimated.
/// (A meter that keeps fractions of a watt-hour has them rounded in the decoder, half a watt-hour a part at most, at
/// the dial and in each day; the sums of the days are what its own log says.)
package struct DayIndices: Hashable, Sendable {
    /// Indices at the first instant of each day, newest day first, each register's in turn. The words of today's are
    /// those of the dial and of today's record; the words of a day before are those of that day's record, whose energy
    /// leads to it from the index after it.
    package let readings: [Reading]
    /// Why a register goes no further back, or has no index at all: one sentence each.
    package let ends: [String]

    /// Why there is no index at all.
    package enum Refusal: Error, Hashable, Sendable {
        /// Midnight passed between the two looks at today's record.
        case dayChanged(from: ServiceDay, to: ServiceDay)
        /// The record of the day before was not written at a midnight of the service calendar: the meter's day changes
        /// at another hour (its time zone is set wrong), or it was off. Today's energy is of an unknown start then.
        case otherMidnight(of: ServiceDay)
        /// No register could be anchored; one sentence each.
        case noAnchor([String])
    }

    /// - Parameters:
    ///   - todayBefore: today's record, read before the dial.
    ///   - dial: the registers' dials, read in one request.
    ///   - todayAfter: today's record, read after the dial. Where it says the same as before, the dial stood at that
    ///     energy all the while, and its index belongs to it.
    ///   - days: the records before today, newest first, without a gap in reading; give at least yesterday's, for it
    ///     shows whether the meter's day is ours. A record that is not the day before
    ///     the one in front of it ends the chain: a day the meter was off is missing, not zero.
    package static func derive(
        todayBefore: DayEnergy, dial: [Reading], todayAfter: DayEnergy, days: [DayEnergyRecord]
    ) -> Result<DayIndices, Refusal> {
        guard todayBefore.day == todayAfter.day else {
            return .failure(.dayChanged(from: todayBefore.day, to: todayAfter.day))
        }
        if case .day(let last)? = days.first, !last.isAtMidnight { return .failure(.otherMidnight(of: last.day)) }
        var readings: [Reading] = []
        var ends: [String] = []
        for shown in dial {
            switch anchor(todayBefore, shown, todayAfter) {
            case .failure(let end): ends.append(end.sentence)
            case .success(let anchor):
                readings.append(anchor)
                if let end = follow(days, back: anchor, into: &readings) { ends.append(end) }
            }
        }
        return readings.isEmpty ? .failure(.noAnchor(ends)) : .success(DayIndices(readings: readings, ends: ends))
    }

    private struct End: Error { let sentence: String }

    /// The index at today's first instant.
    private static func anchor(_ before: DayEnergy, _ shown: Reading, _ after: DayEnergy) -> Result<Reading, End> {
        let name = shown.register.name
        guard let energy = before.energies[shown.register], let again = after.energies[shown.register] else {
            let why = before.absent[shown.register] ?? after.absent[shown.register] ?? "is not in it"
            return .failure(End(sentence: "\(name): today's record has no energy: \(why)"))
        }
        guard energy == again else {
            return .failure(
                End(
                    sentence: "\(name): today's energy moved from \(energy) to \(again) while the dial was read; "
                        + "read all three again"))
        }
        guard energy <= shown.index else {
            return .failure(End(sentence: below(name, before.day, shown.index, energy)))
        }
        return .success(
            Reading(
                register: shown.register, moment: .frozen(before.day), index: shown.index - energy,
                words: shown.words + before.words))
    }

    /// Adds the indices of the days before `anchor`, one for each record that continues the chain.
    /// - Returns: why it ends before the last record.
    private static func follow(
        _ days: [DayEnergyRecord], back anchor: Reading, into readings: inout [Reading]
    ) -> String? {
        guard case .frozen(var day) = anchor.moment else { return nil }
        var index = anchor.index
        let name = anchor.register.name
        for record in days {
            let due = day.previous
            let kept: DayEnergy
            switch record {
            case .day(let found): kept = found
            case .empty: return "\(name): no record of \(due)"
            case .unreadable(let why): return "\(name): the record of \(due) cannot be read: \(why)"
            }
            guard kept.day == due else { return "\(name): a record of \(kept.day) where \(due) is due" }
            guard kept.isAtMidnight else { return "\(name): the record of \(due) was not written at a midnight" }
            guard let energy = kept.energies[anchor.register] else {
                return "\(name): the record of \(due) has no energy: \(kept.absent[anchor.register] ?? "is not in it")"
            }
            guard energy <= index else { return below(name, due, index, energy) }
            index = index - energy
            day = due
            readings.append(
                Reading(register: anchor.register, moment: .frozen(due), index: index, words: kept.words))
        }
        return nil
    }

    /// The dial was reset, exchanged or turned over since: no index before it is known.
    private static func below(_ name: String, _ day: ServiceDay, _ index: Energy, _ energy: Energy) -> String {
        "\(name): \(energy) on \(day) is more than the dial's \(index)"
    }
}

extension DayIndices.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .dayChanged(let from, let to): "today's record changed from \(from) to \(to) while the dial was read"
        case .otherMidnight(let day):
            "the record of \(day) was not written at a midnight: the meter's time zone is set wrong, or it was off"
        case .noAnchor(let why): why.isEmpty ? "the dial shows no register" : why.joined(separator: "; ")
        }
    }
}
