import MeterFleet
import Metering

extension Life.Alarm {
    /// What may rightly be raised of a fleet's meters: the kinds of case that what goes wrong with them, or happens to
    /// them, gives reason for. Whatever else is raised is a false alarm.
    static func founded(in fleet: Fleet) -> Set<Life.Alarm> {
        var founded: Set<Life.Alarm> = []
        for gateway in fleet.gateways {
            for unit in gateway.meters.units {
                guard let meter = gateway.meters[unit] else { continue }
                var kinds: [String] = meter.clockOffsetSeconds != 0 ? ["clock"] : []
                for fault in gateway.faults where fault.concerns(unit) { kinds += fault.kind.reasonsForCases }
                for fact in gateway.facts where fact.units?.contains(unit) ?? true {
                    kinds += fact.kind.reasonsForCases
                }
                founded.formUnion(kinds.map { Life.Alarm($0, Int(meter.number)) })
            }
        }
        return founded
    }
}

extension FaultKind {
    /// Kinds of case. Of how an answer comes there are none: that is the head-end's to see through.
    fileprivate var reasonsForCases: [String] {
        switch self {
        case .falseIndex, .registerGap: ["decreased", "above-ceiling", "overflow"]
        case .swappedWords: ["decreased", "above-ceiling", "overflow", "profile"]
        // All ones are a number too, in the words of a meter that knows no "not available".
        case .notAvailable: ["overflow", "above-ceiling"]
        case .gatewayDead, .silence, .halfOpen: ["prolonged-estimation"]
        default: []
        }
    }
}

extension MeterFact.Kind {
    fileprivate var reasonsForCases: [String] {
        switch self {
        // Just before it a dial may show a digit more than it has.
        case .rollover: ["rollover", "overflow"]
        // The new dial is seen before its serial is.
        case .exchange: ["identity", "decreased"]
        case .standstill(_, _, let watts): watts > 0 ? ["static", "zero-run"] : ["zero-run"]
        }
    }
}
