import Metering
import Modbus

/// Reads one meter once through libmodbus: a second opinion that shares no line of framing with the head-end.
/// (Of function 20, which libmodbus does not know, it sends the request and takes the reply; the check is ours.)
///
/// It blocks for as long as the gateway makes it wait: call it on a thread of its own, never on a queue that serves
/// sockets. libmodbus 3.1.6 does not compare the unit of a reply: what it shows is for a person to judge, and is
/// never stored.
package struct LibmodbusProbe: Sendable {
    /// Why nothing could be asked.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        case context(String)
        case connection(host: String, port: UInt16, String)
        /// libmodbus's select() aborts the process at descriptor 1,024 and beyond.
        case descriptorTooHigh(Int32)

        package var description: String {
            switch self {
            case .context(let why): "libmodbus: \(why)"
            case .connection(let host, let port, let why): "\(host):\(port): \(why)"
            case .descriptorTooHigh(let descriptor):
                "libmodbus cannot serve descriptor \(descriptor) (1,024 or more); probe from a process of its own"
            }
        }
    }

    package struct ReadFailure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// One request, what came back, and the bytes that passed (empty unless the probe is tapped).
    package struct Reply<Content: Sendable>: Sendable {
        package let range: WordRange
        package let result: Result<Content, ReadFailure>
        package let frames: [WireBytes]
    }

    package typealias Answer = Reply<[DecodedValue]>

    package let host: String
    package let port: UInt16
    package let unit: UInt8
    package let timeoutMilliseconds: Int
    /// Write down the bytes that pass.
    package let isTapped: Bool

    package init(host: String, port: UInt16, unit: UInt8, timeoutMilliseconds: Int = 2000, isTapped: Bool = false) {
        self.host = host
        self.port = port
        self.unit = unit
        self.timeoutMilliseconds = timeoutMilliseconds
        self.isTapped = isTapped
    }

    /// Asks for everything the profile declares, request by request; a refused request does not end the probe.
    package func read(_ profile: MeterProfile, multiplier: Int64 = 1) throws(Failure) -> [Answer] {
        read(profile, multiplier, through: try session())
    }

    private func session() throws(Failure) -> LibmodbusSession {
        try LibmodbusSession(
            host: host, port: port, unit: unit, timeoutMilliseconds: timeoutMilliseconds, isTapped: isTapped)
    }

    private func read(_ profile: MeterProfile, _ multiplier: Int64, through session: LibmodbusSession) -> [Answer] {
        profile.fullPlan.blocks.map { block in
            ask(block.range, profile, session) { block.decode($0, multiplier: multiplier) }
        }
    }

    private func ask<Content>(
        _ range: WordRange, _ profile: MeterProfile, _ session: LibmodbusSession, meaning: ([UInt16]) -> Content
    ) -> Reply<Content> {
        let result = session.words(of: range, pauseMilliseconds: profile.pauseMilliseconds).map(meaning)
        return Reply(range: range, result: result, frames: session.takeFrames())
    }
}

// MARK: - What a meter shows beside its values

extension LibmodbusProbe {
    /// A meter as a person wants to see it.
    package struct Examination: Sendable {
        package let answers: [Answer]
        /// `nil` where the profile knows no clock.
        package let clock: Reply<ClockLook>?
        /// The days that the meter keeps, newest first; as many as were asked for.
        package let days: [Reply<KeptDays>]
        package let check: ProfileCheck.Result
    }

    /// A clock beside ours.
    package struct ClockLook: Sendable {
        package let content: TimeEncoding.Content
        package let words: [UInt16]
        /// Our time in the middle of the request.
        package let asked: Instant

        /// How far the meter's clock is ahead of ours; `nil` where it shows no time.
        package var ahead: Instant.Span? {
            if case .instant(let shown) = content { shown - asked } else { nil }
        }
    }

    /// What one request brought of the days that a meter keeps.
    package enum KeptDays: Sendable {
        case dials(FrozenRecord)
        case energies([DayEnergyRecord])
    }

    /// Everything the profile declares, the clock, and the newest `days` that the meter keeps.
    /// - Parameter now: civil time, asked before and after the clock is read.
    package func examine(
        _ profile: MeterProfile, multiplier: Int64 = 1, days: Int = 0, calendar: ServiceCalendar, now: () -> Instant
    ) throws(Failure) -> Examination {
        let session = try session()
        let answers = read(profile, multiplier, through: session)
        let clock = profile.clock.map { clock -> Reply<ClockLook> in
            let before = now()
            return ask(clock.range, profile, session) { words in
                let asked = Instant(microseconds: before.microseconds / 2 + now().microseconds / 2)
                return ClockLook(content: clock.encoding.content(of: words, in: calendar), words: words, asked: asked)
            }
        }
        let requests = answers.compactMap { try? $0.result.get() }
        return Examination(
            answers: answers, clock: clock, days: keptDays(profile, multiplier, days, calendar, session),
            check: ProfileCheck.judge(requests, of: profile))
    }

    private func keptDays(
        _ profile: MeterProfile, _ multiplier: Int64, _ days: Int, _ calendar: ServiceCalendar,
        _ session: LibmodbusSession
    ) -> [Reply<KeptDays>] {
        let dials = (0..<days).compactMap { slot -> Reply<KeptDays>? in
            guard let frozen = profile.frozen, let range = frozen.range(slot: slot) else { return nil }
            return ask(range, profile, session) { .dials(frozen.record(in: $0, multiplier: multiplier)) }
        }
        // One day a request: that several may be read at once is for the head-end to find out.
        let energies = (0..<days).compactMap { back -> Reply<KeptDays>? in
            guard let log = profile.dailyEnergies, let range = log.range(daysBack: back) else { return nil }
            return ask(range, profile, session) { .energies(log.records(in: $0, calendar: calendar)) }
        }
        return dials + energies
    }
}

// MARK: - Rehearsal

extension LibmodbusProbe {
    /// One value in every way it could be meant.
    package struct Rehearsal: Sendable {
        package let value: ProfileValue
        package let attempts: [Attempt]

        package struct Attempt: Sendable {
            /// Added to the address as written.
            package let shift: Int
            package let reply: Reply<Guesses>
        }

        package struct Guesses: Sendable {
            package let words: [UInt16]
            package let guesses: [MapRehearsal.Guess]
        }
    }

    /// Tries each value of the profile at its address and beside it, in every word order.
    /// - Parameter digits: whole kWh digits of the dial.
    package func rehearse(_ profile: MeterProfile, digits: Int) throws(Failure) -> [Rehearsal] {
        let session = try session()
        return MapRehearsal.values(of: profile).map { value in
            let attempts = MapRehearsal.shifts.compactMap { shift -> Rehearsal.Attempt? in
                guard let range = MapRehearsal.range(of: value, shift: shift) else { return nil }
                let reply = ask(range, profile, session) { words in
                    Rehearsal.Guesses(
                        words: words,
                        guesses: MapRehearsal.guesses(at: value, words: words, of: profile, digits: digits))
                }
                return Rehearsal.Attempt(shift: shift, reply: reply)
            }
            return Rehearsal(value: value, attempts: attempts)
        }
    }
}
