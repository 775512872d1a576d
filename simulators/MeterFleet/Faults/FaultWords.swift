import Metering

/// A fault in the words of a fleet file: what a rehearsed world prints can be copied into a scenario.
extension FaultKind: CustomStringConvertible {
    /// `exception, code: 6, bus_ms: 300`
    package var description: String {
        ([name.rawValue] + parameters.map { "\($0.key): \($0.value)" }).joined(separator: ", ")
    }

    private typealias Parameter = (key: String, value: String)

    private var parameters: [Parameter] {
        switch self {
        case .lateReply(.milliseconds(let delay)): [("delay_ms", "\(delay)")]
        case .lateReply(.beside(let side)): [("beside", side.rawValue)]
        case .silence(let bus): Self.known("bus_ms", bus)
        case .exception(let code, let bus): [("code", "\(code)")] + Self.known("bus_ms", bus)
        case .slowHistory(let delay, let holdsBus): [("delay_ms", "\(delay)"), ("holds_bus", "\(holdsBus)")]
        case .pauseNeeded(let pause, let sooner): [("pause_ms", "\(pause)"), ("sooner", sooner.rawValue)]
        case .transaction(.constant(let value)): value == 0 ? [] : [("value", "\(value)")]
        case .transaction(.swapped), .transaction(.offByOne), .rtuFrames: []
        case .wrongUnit(let unit): Self.known("unit", unit)
        case .wrongFunction(let function): Self.known("function", function)
        case .exceptionLength(let code, let defect): [("code", "\(code)"), ("defect", defect.rawValue)]
        case .byteCount(let defect): [("defect", defect.rawValue)]
        case .missingLastByte(let then): [("then", then.rawValue)]
        case .pieces(let gap): [("gap_ms", "\(gap)")]
        case .joinedReplies(.next(let hold)): [("with", "next"), ("hold_ms", "\(hold)")]
        case .joinedReplies(.copy): [("with", "copy")]
        case .resetMidReply(let bytes): [("after_bytes", "\(bytes)")]
        case .foreignReply(let side, let unit): [("side", side.rawValue)] + Self.known("unit", unit)
        case .garbageOnConnect(let bytes): [("bytes", "\(bytes)")]
        case .connectionLimit(let count, let beyond): [("connections", "\(count)"), ("beyond", beyond.rawValue)]
        case .silentAfter(let requests, let pause): [("requests", "\(requests)")] + Self.known("for_ms", pause)
        case .halfOpen(let new): [("new_connections", new.rawValue)]
        case .gatewayDead(let death): [("manner", death.rawValue)]
        case .registerLimit(let words, let code): [("words", "\(words)"), ("code", "\(code)")]
        case .registerGap(let gap):
            Self.known("function", gap.function) + [
                ("address", "\(gap.addresses.lowerBound)"), ("count", "\(gap.addresses.count)"),
                ("answer", gap.answer.rawValue),
            ]
        case .swappedWords(let scope), .falseIndex(_, let scope): Self.words(scope)
        case .notAvailable(let absence, let scope): [("pattern", absence.rawValue)] + Self.words(scope)
        }
    }

    private static func known(_ key: String, _ value: (some CustomStringConvertible)?) -> [Parameter] {
        value.map { [(key, $0.description)] } ?? []
    }

    private static func words(_ scope: WordScope) -> [Parameter] {
        let names = scope.registers.map { chosen in
            "[" + Register.allCases.filter(chosen.contains).map(\.name).joined(separator: ", ") + "]"
        }
        return known("registers", names) + [("frozen", "\(scope.frozen)")]
    }
}

extension MeterFact.Kind: CustomStringConvertible {
    /// `rollover, modulus_wh: 1000000, from: 2025-05-18 09:24:10`; the time is the meter's own.
    package var description: String {
        switch self {
        case .rollover(let modulus, let passing):
            "\(FaultName.rollover.rawValue), modulus_wh: \(modulus)" + (passing.map { ", from: \($0)" } ?? "")
        case .exchange(let moment, let serial, let start):
            "\(FaultName.exchange.rawValue), from: \(moment)" + (serial.map { ", serial: \($0)" } ?? "")
                + ", start_index_wh: \(start)"
        case .standstill(let from, let to, let watts):
            "\(FaultName.standstill.rawValue), from: \(from), to: \(to), watts: \(watts)"
        }
    }
}

extension CivilMoment: CustomStringConvertible {
    /// `2025-05-18 09:24:10`, fractions cut off.
    package var description: String {
        let seconds = microseconds / 1_000_000
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(day) " + parts.joined(separator: ":")
    }
}
