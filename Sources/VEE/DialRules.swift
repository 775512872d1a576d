import Metering

/// One look at a dial: its index, and the civil span during which the meter was looking at it.
/// Request and answer bound the moment; the dial was read somewhere in between, both ends included.
package struct DialReading: Hashable, Sendable {
    package let requested: Instant
    package let answered: Instant
    package let index: Energy

    package init(requested: Instant, answered: Instant, index: Energy) {
        self.requested = requested
        self.answered = answered
        self.index = index
    }

    /// Halfway between request and answer.
    var middle: Instant { requested + Instant.Span(microseconds: (answered - requested).microseconds / 2) }
}

/// What bounds a dial physically (vee-and-feeds §1.3): rules that decide "impossible", never "unusual".
package struct DialLimits: Hashable, Sendable {
    /// Highest power the meter passes: phases × 230 V × 1.1 × maximum current.
    package let ceilingWatts: Int64
    /// Where the dial begins at 0 again, 10^digits kWh; that of the longest dial there is, twelve digits, where they
    /// are unknown. Beyond it what is added to an index could be no number any more.
    package let span: Energy

    /// The coarsest step a dial is known to move in. One step may complete with the first watt-hour after a look, so
    /// this much comes on top of what the ceiling lets pass.
    package static let step = Energy(wattHours: 1000)

    package init(ceilingWatts: Int64, digits: Int = 0) {
        self.ceilingWatts = ceilingWatts
        span = MeterInstallation.span(ofDigits: digits)
    }

    /// The most energy that can pass in `elapsed`, rounded up to a whole watt-hour; zero for a negative span.
    package func most(in elapsed: Instant.Span) -> Energy {
        guard elapsed.microseconds > 0 else { return .zero }
        let (high, low) = ceilingWatts.multipliedFullWidth(by: elapsed.microseconds)
        let hour: Int64 = 3_600_000_000
        // Beyond Int64 watt-hours nothing is limited any more.
        guard high.magnitude < hour.magnitude / 2 else { return Energy(wattHours: .max / 4) }
        let (quotient, remainder) = hour.dividingFullWidth((high, low))
        return Energy(wattHours: quotient + (remainder > 0 ? 1 : 0))
    }
}

/// What a reading is worth beside the one accepted before it on the same dial.
package enum Verdict: Hashable, Sendable {
    case accepted
    /// The same dial value for the same or an overlapping moment: nothing new.
    case duplicate
    /// It was taken before the reading already accepted; it is kept, but moves nothing.
    case late
    /// The dial went back. Suspect until a fact (exchange, rollover, reset) explains it (design §4).
    case decreased(by: Energy)
    /// More energy than the meter can pass in the time.
    case aboveCeiling(most: Energy)
    /// The index has more digits than the dial, or is negative.
    case overflow
    /// Possible by itself, but it came after impossible ones, and nothing says yet that it is no chance.
    case unconfirmed

    /// A suspect reading is stored with its words and never becomes an index.
    package var isSuspect: Bool {
        switch self {
        case .accepted, .duplicate, .late: false
        case .decreased, .aboveCeiling, .overflow, .unconfirmed: true
        }
    }

    package var name: String {
        switch self {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .late: "late"
        case .decreased: "decreased"
        case .aboveCeiling: "above-ceiling"
        case .overflow: "overflow"
        case .unconfirmed: "unconfirmed"
        }
    }
}

/// What a reading is worth, by what the dial has counted.
func worth(of reading: DialReading, after previous: DialReading, limits: DialLimits) -> Verdict {
    if reading.answered < previous.requested { return .late }
    // Polls that overlap: nobody knows which looked first, so a lower index is no proof that the dial went back.
    if reading.requested <= previous.answered {
        if reading.index == previous.index { return .duplicate }
        if reading.index < previous.index || reading.answered <= previous.answered { return .late }
    }
    if reading.index < previous.index { return .decreased(by: previous.index - reading.index) }
    let most = limits.most(in: reading.answered - previous.requested)
    if reading.index - previous.index > most + DialLimits.step { return .aboveCeiling(most: most) }
    return .accepted
}

/// Whether a reading goes on from where a suspect one stood. Then time alone must not make it true: another meter, or
/// a lasting fault, shows the same dial again and again until the ceiling has room for it. Only a fact or a person
/// settles it; a glitch is settled by a reading that goes on from the dial accepted before it.
package func confirms(_ reading: DialReading, _ suspect: DialReading, limits: DialLimits) -> Bool {
    reading.index >= suspect.index && !worth(of: reading, after: suspect, limits: limits).isSuspect
}

/// Whether what a faulty meter says can hardly be taken for this dial by chance: soon after the last accepted reading
/// the ceiling leaves little room, and next to its index there is none.
package func leavesNoRoom(_ reading: DialReading, after dial: DialReading) -> Bool {
    reading.index - dial.index <= DialLimits.step || reading.requested - dial.answered <= .hours(2)
}

/// Whether a reading bears out one before it that was possible, yet came after suspects. A meter that talks nonsense
/// for days says something possible now and then, the more often the longer. A dial that has come to itself moves on
/// from there as the ceiling allows; one that stands may be stuck, and is believed after a day.
package func bearsOut(_ reading: DialReading, _ unconfirmed: DialReading, limits: DialLimits) -> Bool {
    guard worth(of: reading, after: unconfirmed, limits: limits) == .accepted else { return false }
    return reading.index > unconfirmed.index || reading.requested - unconfirmed.answered >= .hours(24)
}

/// What a frozen index is worth beside the dial's neighbouring days.
/// A frozen record carries its own day, so order and lateness do not matter; the dial's direction does.
func worth(
    ofFrozen index: Energy, on day: ServiceDay, before: DailyIndex?, after: DailyIndex?, limits: DialLimits
) -> Verdict {
    if let before {
        // An estimate before it may stand too high; only what was on the dial accuses the dial.
        if before.quality == .frozen, index < before.index { return .decreased(by: before.index - index) }
        let most = mostBetween(before.day, day, limits)
        if before.quality == .frozen, index - before.index > most { return .aboveCeiling(most: most) }
    }
    if let after, after.quality == .frozen {
        if index > after.index { return .decreased(by: index - after.index) }
        let most = mostBetween(day, after.day, limits)
        if after.index - index > most { return .aboveCeiling(most: most) }
    }
    return .accepted
}

/// What the dial can show more at `later` than at `earlier`. A day lasts 25 hours at the most, where clocks change.
func mostBetween(_ earlier: ServiceDay, _ later: ServiceDay, _ limits: DialLimits) -> Energy {
    limits.most(in: .hours(25 * Int64(later - earlier))) + DialLimits.step
}
