import Foundation
import MeterFleet
import Metering
import Store

extension Life {
    /// The lives of issue and log book: each ends in the right days, the right case, and in bills of the true dials.
    package static let all: [Life] = [
        Life(
            description: "a dial of six digits begins again at zero", file: "scenarios/rollover",
            span: may("10 16:00", "16 08:30"), alarms: [Alarm("rollover", 1)],
            stays: [Alarm("rollover", 1)]),
        Life(
            description: "a meter is exchanged at noon, told two days later", file: "lives/exchange-at-noon",
            span: may("10 16:00", "16 08:30"), told: moment("2025-05-13 14:00"), alarms: [Alarm("identity", 1)]),
        Life(
            description: "a dial is set back to zero", file: "lives/dial-reset", span: may("10 16:00", "15 08:30"),
            acts: [Act(at: moment("2025-05-13 09:00"), perform: explainReset)], alarms: [Alarm("decreased", 1)]),
        Life(
            description: "the registry mixes up two units", file: "lives/neighbours",
            span: may("10 16:00", "15 08:30"), registry: { $0.mixed },
            acts: [
                Act(at: moment("2025-05-13 09:00")) { store, _, at in
                    _ = try store.importRegistry(store.registry().mixed, at: at)
                }
            ], billedFrom: [1: day("2025-05-14"), 2: day("2025-05-14")], missing: 6,
            alarms: [Alarm("identity", 1), Alarm("identity", 2)]),
        Life(
            description: "a dial is stuck under load for four days", file: "lives/stuck-dial",
            span: may("10 16:00", "19 08:30"), alarms: [Alarm("static", 1)], stays: [Alarm("static", 1)]),
        Life(
            description: "the registry doubles a multiplier from 1 June on", file: "lives/neighbours",
            span: (moment("2025-04-28 16:00"), moment("2025-07-02 08:30")),
            acts: [
                Act(at: moment("2025-06-01 09:00")) { store, _, at in
                    try multiply(by: 2, store, at: at)
                },
                Act(at: moment("2025-07-01 10:00")) { store, _, at in
                    try multiply(by: 1, store, at: at)
                },
            ], billedAsOf: day("2025-07-01"),
            alarms: [Alarm("month-on-month", 2)]),
        Life(
            description: "a meter's calendar is a day ahead", file: "lives/calendar-ahead",
            span: may("10 16:00", "15 08:30"), billedFrom: [1: day("2025-05-12")], missing: 1,
            alarms: [Alarm("clock", 1)], stays: [Alarm("clock", 1)]),
        Life(
            description: "meters answer with all ones for a night", file: "lives/all-ones",
            span: may("10 16:00", "14 08:30"), alarms: [Alarm("overflow", 1)]),
        Life(
            description: "a gateway is out for three days", file: "lives/outage", span: may("10 16:00", "16 08:30"),
            alarms: Set((1...3).map { Alarm("prolonged-estimation", $0) })),
        Life(
            description: "nobody is at home for 35 days", file: "lives/vacancy",
            span: (moment("2025-04-28 16:00"), moment("2025-06-12 08:30")), alarms: [Alarm("zero-run", 1)],
            stays: [Alarm("zero-run", 1)]),
    ]

    /// The other scenarios of faults, one each. Cases are raised only where a meter itself says what cannot be.
    package static func others(in simulators: URL) throws -> [Life] {
        let known = Set(all.map(\.file))
        let raised: [String: Set<Alarm>] = [
            "meter-exchange": [Alarm("identity", 1)],
            "index-after-reboot": [
                Alarm("decreased", 2), Alarm("decreased", 3), Alarm("above-ceiling", 4), Alarm("above-ceiling", 5),
                Alarm("decreased", 5),
            ],
            "register-gap": [Alarm("decreased", 2)],
            "swapped-words": [
                Alarm("overflow", 1), Alarm("overflow", 2), Alarm("decreased", 2), Alarm("above-ceiling", 2),
            ],
            "not-available": [Alarm("overflow", 1), Alarm("overflow", 7)],
        ]
        return try FileManager.default.contentsOfDirectory(atPath: simulators.appending(path: "scenarios").path)
            .filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
            .filter { !known.contains("scenarios/\($0)") }
            .map { name in
                Life(
                    description: name, file: "scenarios/\(name)", span: may("10 16:00", "13 08:30"),
                    alarms: raised[name] ?? [])
            }
    }

    private static func moment(_ text: String) -> Instant {
        guard let instant = Instant(rfc3339: text.replacing(" ", with: "T") + ":00+07:00") else {
            preconditionFailure("\(text) is no moment")
        }
        return instant
    }

    private static func day(_ text: String) -> ServiceDay {
        ServiceCalendar.vietnam.day(at: moment("\(text) 00:00"))
    }

    /// `10 16:00` is of May 2025.
    private static func may(_ from: String, _ through: String) -> (Instant, Instant) {
        (moment("2025-05-\(from)"), moment("2025-05-\(through)"))
    }

    // MARK: - What people do

    /// As the maker's fitter wrote down what the dial stood at.
    @Sendable private static func explainReset(_ store: Store, _ fleet: Fleet, at: Instant) throws {
        let noon = CivilMoment(moment("2025-05-11 12:00"), in: .vietnam)
        guard let one = try store.cases(limit: 9).first(where: { $0.kind.rawValue == "decreased" }),
            let old = fleet.gateways.first?.meters[1],
            let stood = old.truth(.activeImport, old.dial.face(at: noon))
        else { return }
        try store.explain(
            case: one.id, by: DialChange(day: noon.day, endIndex: stood, startIndex: .zero), who: "Minh",
            why: "set back by its maker, protocol 7", at: at)
    }

    /// Somebody writes that meter 2, which is billed by months, has counted for so much since 1 June: a row of its own
    /// from that day on.
    private static func multiply(by multiplier: Int64, _ store: Store, at: Instant) throws {
        let june = ServiceCalendar.vietnam.day(at: moment("2025-06-01 00:00"))
        let rows = try store.registry().installations.filter { $0.unit == 2 }
        guard let first = rows.first else { return }
        let known = try store.dailyIndices(
            usagePoint: first.usagePoint, register: .activeImport, from: june, through: june
        ).first?.index.index
        let changed = [
            first.with(removedOn: june, endIndex: known),
            first.with(multiplier: multiplier, installedOn: june, startIndex: known),
        ]
        _ = try store.importRegistry(Registry(installations: changed), at: at)
    }
}

extension Registry {
    /// Units 1 and 2 in each other's place.
    package var mixed: Registry {
        var mixed = self
        mixed.installations = installations.map { row in
            row.unit == 3 ? row : row.with(unit: row.unit == 1 ? 2 : 1)
        }
        return mixed
    }
}

extension MeterInstallation {
    /// The same row with something else in it.
    fileprivate func with(
        unit: UInt8? = nil, multiplier: Int64? = nil, installedOn: ServiceDay? = nil, removedOn: ServiceDay? = nil,
        startIndex: Energy? = nil, endIndex: Energy? = nil
    ) -> MeterInstallation {
        MeterInstallation(
            serial: serial, usagePoint: usagePoint, gateway: gateway, unit: unit ?? self.unit, profile: profile,
            multiplier: multiplier ?? self.multiplier, digits: digits, installedOn: installedOn ?? self.installedOn,
            removedOn: removedOn, startIndex: startIndex ?? self.startIndex, endIndex: endIndex)
    }
}
