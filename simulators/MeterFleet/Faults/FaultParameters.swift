import Metering

extension FaultName {
    /// Whether the fault is one of single units rather than of connections or the gateway.
    var concernsUnits: Bool {
        switch self {
        case .garbageOnConnect, .connectionLimit, .silentAfter, .halfOpen, .gatewayDead: false
        default: true
        }
    }

    /// Whether single cases are drawn, rather than a state that lasts.
    var isDrawn: Bool {
        switch self {
        case .connectionLimit, .silentAfter, .halfOpen, .gatewayDead, .rollover, .exchange, .standstill:
            false
        default: true
        }
    }
}

/// The keys that each kind has of its own.
extension FaultKind {
    static func keys(of name: FaultName) -> [String] {
        switch name {
        case .lateReply: ["delay_ms", "beside"]
        case .silence: ["bus_ms"]
        case .exception: ["code", "bus_ms"]
        case .slowHistory: ["delay_ms", "holds_bus"]
        case .pauseNeeded: ["pause_ms", "sooner"]
        case .transactionConstant: ["value"]
        case .transactionZero, .transactionSwapped, .transactionOffByOne, .rtuFrames: []
        case .wrongUnit: ["unit"]
        case .wrongFunction: ["function"]
        case .exceptionLength: ["code", "defect"]
        case .byteCount: ["defect"]
        case .missingLastByte: ["then"]
        case .oneByteSegments, .dribble: ["gap_ms"]
        case .joinedReplies: ["with", "hold_ms"]
        case .resetMidReply: ["after_bytes"]
        case .foreignReply: ["side", "unit"]
        case .garbageOnConnect: ["bytes"]
        case .connectionLimit: ["connections", "beyond"]
        case .silentAfter: ["requests", "for_ms"]
        case .halfOpen: ["new_connections"]
        case .gatewayDead: ["manner"]
        case .registerLimit: ["words", "code"]
        case .registerGap: ["function", "address", "count", "answer"]
        case .swappedWords, .zeroIndex, .garbageIndex: ["registers", "frozen"]
        case .notAvailable: ["pattern", "registers", "frozen"]
        case .rollover: ["modulus_wh"]
        case .exchange: ["serial", "start_index_wh"]
        case .standstill: ["to", "watts"]
        }
    }

    /// An hour: longer than anybody waits.
    private static let millisecondsMax: Int64 = 3_600_000

    /// `nil` where something needed is missing or wrong, which has been noted then.
    static func read(_ name: FaultName, _ section: YAMLSection, _ faults: inout FaultList) -> FaultKind? {
        func number(_ key: String, _ range: ClosedRange<Int64>, default standard: Int64? = nil) -> Int? {
            section.number(key, in: range, default: standard, &faults).map { Int($0) }
        }
        func optional(_ key: String, _ range: ClosedRange<Int64>) -> Int? {
            section.has(key) ? number(key, range) : nil
        }
        func milliseconds(_ key: String, default standard: Int64? = nil) -> Int? {
            number(key, 0...millisecondsMax, default: standard)
        }
        func byte(_ key: String, _ range: ClosedRange<Int64> = 0...255) -> UInt8? {
            optional(key, range).map { UInt8($0) }
        }
        let busMilliseconds = optional("bus_ms", 0...millisecondsMax)
        switch name {
        case .lateReply: return lateReply(section, &faults)
        case .silence: return .silence(busMilliseconds: busMilliseconds)
        case .exception:
            return number("code", 1...255).map { .exception(code: UInt8($0), busMilliseconds: busMilliseconds) }
        case .slowHistory:
            let holdsBus = section.flag("holds_bus", default: true, &faults)
            return milliseconds("delay_ms", default: 60_000).map { .slowHistory(milliseconds: $0, holdsBus: holdsBus) }
        case .pauseNeeded:
            let sooner = section.choice("sooner", default: TooSoon.lost, &faults)
            return milliseconds("pause_ms").map { .pauseNeeded(milliseconds: $0, sooner: sooner) }
        case .transactionConstant: return number("value", 0...65_535).map { .transaction(.constant(UInt16($0))) }
        case .transactionZero: return .transaction(.constant(0))
        case .transactionSwapped: return .transaction(.swapped)
        case .transactionOffByOne: return .transaction(.offByOne)
        case .wrongUnit: return .wrongUnit(byte("unit"))
        case .wrongFunction: return .wrongFunction(byte("function", 1...127))
        case .exceptionLength:
            let defect = section.choice("defect", default: ExceptionDefect.declaredLonger, &faults)
            return number("code", 1...255, default: 2).map { .exceptionLength(code: UInt8($0), defect) }
        case .byteCount: return .byteCount(section.choice("defect", default: .tooLarge, &faults))
        case .missingLastByte: return .missingLastByte(then: section.choice("then", default: .silence, &faults))
        case .oneByteSegments: return number("gap_ms", 0...999, default: 0).map { .pieces(gapMilliseconds: $0) }
        case .dribble:
            return number("gap_ms", 1000...millisecondsMax, default: 5000).map { .pieces(gapMilliseconds: $0) }
        case .joinedReplies: return joinedReplies(section, &faults)
        case .resetMidReply: return number("after_bytes", 0...260, default: 5).map { .resetMidReply(afterBytes: $0) }
        case .rtuFrames: return .rtuFrames
        case .foreignReply:
            return .foreignReply(section.choice("side", default: .before, &faults), unit: byte("unit"))
        case .garbageOnConnect: return number("bytes", 1...512, default: 7).map { .garbageOnConnect(bytes: $0) }
        case .connectionLimit:
            let beyond = section.choice("beyond", default: BeyondLimit.refuse, &faults)
            return number("connections", 1...1000).map { .connectionLimit($0, beyond: beyond) }
        case .silentAfter:
            let pause = optional("for_ms", 1...millisecondsMax)
            return number("requests", 0...1_000_000).map { .silentAfter(requests: $0, milliseconds: pause) }
        case .halfOpen: return .halfOpen(newConnections: section.choice("new_connections", default: .work, &faults))
        case .gatewayDead: return .gatewayDead(section.choice("manner", default: .reset, &faults))
        case .registerLimit:
            let code = number("code", 1...255, default: 3)
            guard let words = number("words", 1...125, default: 11), let code else { return nil }
            return .registerLimit(words: words, code: UInt8(code))
        case .registerGap:
            let function = byte("function", 1...127)
            let answer = section.choice("answer", default: RegisterGap.Answer.exception, &faults)
            let address = number("address", 0...65_535)
            guard let count = number("count", 1...65_536, default: 1), let address else { return nil }
            return .registerGap(RegisterGap(function: function, addresses: address..<address + count, answer: answer))
        case .swappedWords: return .swappedWords(scope(section, frozen: true, &faults))
        case .notAvailable:
            return .notAvailable(
                section.choice("pattern", default: .model, &faults), scope(section, frozen: true, &faults))
        case .zeroIndex: return .falseIndex(.zero, scope(section, frozen: false, &faults))
        case .garbageIndex: return .falseIndex(.garbage, scope(section, frozen: false, &faults))
        case .rollover, .exchange, .standstill: return nil
        }
    }

    private static func lateReply(_ section: YAMLSection, _ faults: inout FaultList) -> FaultKind? {
        switch (section.has("delay_ms"), section.has("beside")) {
        case (true, false):
            return section.number("delay_ms", in: 1...millisecondsMax, default: nil, &faults).map {
                .lateReply(.milliseconds(Int($0)))
            }
        case (false, true): return .lateReply(.beside(section.choice("beside", default: .before, &faults)))
        default:
            section.note(
                "either how late (delay_ms), or beside which other answer (before, after)", at: "beside", &faults)
            return nil
        }
    }

    private static func joinedReplies(_ section: YAMLSection, _ faults: inout FaultList) -> FaultKind? {
        enum Company: String, CaseIterable { case next, copy }
        switch section.choice("with", default: Company.next, &faults) {
        case .copy: return .joinedReplies(.copy)
        case .next:
            return section.number("hold_ms", in: 0...millisecondsMax, default: 500, &faults).map {
                .joinedReplies(.next(holdMilliseconds: Int($0)))
            }
        }
    }

    private static func scope(_ section: YAMLSection, frozen: Bool, _ faults: inout FaultList) -> WordScope {
        var registers: Set<Register>?
        if section.has("registers") {
            registers = []
            for node in section.list("registers", &faults) {
                guard let register = node.string.flatMap(Register.init(name:)) else {
                    section.note(
                        "is none of \(Register.names)", at: "registers", value: node.string ?? "", &faults)
                    continue
                }
                registers?.insert(register)
            }
        }
        return WordScope(registers: registers, frozen: section.flag("frozen", default: frozen, &faults))
    }
}
