import MeterFleet
import Metering
import Modbus

/// Draws what is wrong behind one gateway.
///
/// Left out is one fault of the fleet: a meter that is asked too soon and answers with the words of the request before,
/// under the header of this one. Nothing on the wire tells that lie from the truth; only the right pause prevents it.
struct FaultDrawing {
    let row: Gateway
    let units: [UInt8]
    let models: [MeterModel]
    /// Units of meters for whole feeders: so much passes through them that random bits are often plausible.
    let feeders: Set<UInt8>
    /// Faults lie within this time. What is wrong with words begins later: a meter whose very first words are a lie
    /// cannot be found out.
    let from: Instant
    let wordsFrom: Instant
    let to: Instant
    /// Units that are exchanged on the way, whose first words must be true as well.
    let exchanged: Set<UInt8>

    func draw(_ count: Int, _ random: inout SeededRandom) -> [Fault] {
        (0..<count).compactMap { _ in draw(&random) }
    }

    private func draw(_ random: inout SeededRandom) -> Fault? {
        guard let kind = kind(&random) else { return nil }
        let begin = max(kind.touchesWords ? wordsFrom : from, from)
        guard begin < to else { return nil }
        let start = begin + random.span(in: 0...max(1, (to - begin).seconds / 60))
        let end = min(to, start + random.span(in: 10...random.pick([120, 1440, 5760])))
        guard start < end else { return nil }
        var concerned: Set<UInt8>?
        if kind.concernsUnits {
            var some = Set((0..<random.number(in: 1...3)).map { _ in random.pick(units) })
            if random.happens(perMille: 300) { some = Set(units) }
            if kind.touchesWords { some.subtract(exchanged) }
            if case .falseIndex(.garbage, _) = kind { some.subtract(feeders) }
            guard !some.isEmpty else { return nil }
            concerned = some
        }
        let share = kind.lasts ? FaultSchedule.everyCase : random.pick([20_000, 200_000, FaultSchedule.everyCase])
        return Fault(
            kind, units: concerned,
            schedule: FaultSchedule(.between(start, end), millionths: share, seed: random.next()))
    }

    private func kind(_ random: inout SeededRandom) -> FaultKind? {
        let timeout = row.timeoutMilliseconds
        switch random.number(in: 0...27) {
        case 0: return .lateReply(.milliseconds(random.number(in: timeout / 2...timeout * 4)))
        case 1: return .lateReply(.beside(random.pick(FaultKind.Side.allCases)))
        case 2, 3: return .silence(busMilliseconds: random.pick([nil, 200, 3000]))
        case 4: return .exception(code: random.pick([1, 2, 3, 4, 5, 6, 0x0A, 0x0B, 0x81]), busMilliseconds: nil)
        case 5:
            return .slowHistory(
                milliseconds: random.pick([timeout, 10_000, 60_000]), holdsBus: random.happens(perMille: 500))
        case 6:
            return .pauseNeeded(
                milliseconds: random.pick([row.pauseMilliseconds, 50, 200]),
                sooner: random.pick([.lost, .previousFrame]))
        case 7: return .transaction(.constant(random.pick([0, 1, 0xFFFF])))
        case 8: return .transaction(.swapped)
        case 9: return .transaction(.offByOne)
        case 10: return .wrongUnit(random.pick([nil, 0, 255]))
        case 11: return .wrongFunction(nil)
        case 12: return .exceptionLength(code: 2, random.pick(FaultKind.ExceptionDefect.allCases))
        case 13: return .byteCount(random.pick(FaultKind.ByteCountDefect.allCases))
        case 14: return .missingLastByte(then: random.pick(FaultKind.AfterLoss.allCases))
        case 15: return .pieces(gapMilliseconds: random.pick([0, 3, 1500]))
        case 16: return .joinedReplies(random.pick([.copy, .next(holdMilliseconds: 300)]))
        case 17: return .resetMidReply(afterBytes: random.number(in: 0...12))
        case 18: return .rtuFrames
        case 19:
            return .foreignReply(
                random.pick(FaultKind.Side.allCases), unit: random.pick([nil, random.pick(units)]))
        case 20: return .garbageOnConnect(bytes: random.number(in: 1...40))
        case 21: return .connectionLimit(random.number(in: 1...3), beyond: random.pick(FaultKind.BeyondLimit.allCases))
        case 22:
            return .silentAfter(
                requests: random.number(in: 1...50), milliseconds: random.pick([nil, 5000, 600_000]))
        case 23: return .halfOpen(newConnections: random.pick(FaultKind.NewConnections.allCases))
        case 24: return .gatewayDead(random.pick(FaultKind.Death.allCases))
        case 25: return registers(&random)
        default: return words(&random)
        }
    }

    private func registers(_ random: inout SeededRandom) -> FaultKind? {
        if random.happens(perMille: 300) {
            return .registerLimit(words: random.number(in: 2...11), code: random.pick([2, 3]))
        }
        let values = random.pick(models).profile.values.filter { $0.register != nil }
        guard !values.isEmpty else { return nil }
        let range = random.pick(values).range
        return .registerGap(
            FaultKind.RegisterGap(
                addresses: Int(range.address)..<range.end,
                answer: random.pick(FaultKind.RegisterGap.Answer.allCases)))
    }

    private func words(_ random: inout SeededRandom) -> FaultKind {
        let scope = FaultKind.WordScope(
            registers: random.pick([nil, [.activeImport]]), frozen: random.happens(perMille: 500))
        switch random.number(in: 0...3) {
        case 0: return .swappedWords(scope)
        case 1: return .notAvailable(random.pick(FaultKind.Absence.allCases), scope)
        case 2: return .falseIndex(.zero, scope)
        // A dial near zero cannot be told from random bits: as floats most of them are nearly nothing.
        default: return .falseIndex(.garbage, FaultKind.WordScope(registers: [.activeImport], frozen: scope.frozen))
        }
    }
}

extension FaultKind {
    /// What the words of an answer say is wrong, not how they come.
    var touchesWords: Bool {
        switch self {
        case .swappedWords, .notAvailable, .falseIndex: true
        case .registerGap(let gap): gap.answer == .zero
        default: false
        }
    }

    /// It lies with units, not with connections or the whole gateway.
    var concernsUnits: Bool {
        switch self {
        case .garbageOnConnect, .connectionLimit, .silentAfter, .halfOpen, .gatewayDead: false
        default: true
        }
    }

    /// A state rather than single cases.
    fileprivate var lasts: Bool {
        switch self {
        case .connectionLimit, .silentAfter, .halfOpen, .gatewayDead: true
        default: false
        }
    }

    /// The unit's neighbours must be read as ever while it lasts: it costs the line some time at the most.
    var sparesNeighbours: Bool {
        switch self {
        case .silence, .exception, .wrongFunction, .registerLimit, .registerGap, .swappedWords, .notAvailable,
            .falseIndex:
            true
        default: false
        }
    }

    /// What is asked for seems not to be there, or is something else.
    var misleads: Bool {
        switch self {
        case .exception(1...3, _), .registerLimit, .registerGap: true
        default: touchesWords
        }
    }

    /// The unit says nothing, or nothing true, in any case that it happens in.
    var hidesDial: Bool {
        switch self {
        case .silence, .exception, .byteCount, .exceptionLength, .rtuFrames, .gatewayDead, .transaction(.offByOne),
            .wrongFunction:
            true
        default: false
        }
    }
}
