import Metering
import Store

/// What an operator's read of one meter came to.
struct OperatorRead {
    let meter: RegisteredMeter
    /// In the order they were answered; the last may be the failure that ended the read.
    let outcomes: [PollOutcome]
    /// When it ended.
    let at: Instant
}

/// An operator's read as JSON and for a page: every dial with the words it came from. It is what the meter shows, not
/// what is booked; readings of a meter that has proven itself are booked by the head-end as any others.
struct OperatorReadDocument {
    private let read: OperatorRead
    private let calendar: ServiceCalendar

    init(_ read: OperatorRead, calendar: ServiceCalendar) {
        self.read = read
        self.calendar = calendar
    }

    private var installation: MeterInstallation { read.meter.installation }

    private var readings: [(reading: Reading, outcome: PollOutcome)] {
        read.outcomes.flatMap { outcome in
            ((try? outcome.result.get()) ?? []).map { ($0, outcome) }
        }
    }

    private var failures: [PollFailure] {
        read.outcomes.compactMap { outcome in
            if case .failure(let failure) = outcome.result { failure } else { nil }
        }
    }

    var hasReadings: Bool { !readings.isEmpty }
    /// What ended the read, where something did.
    var lastFailure: PollFailure? { failures.last }

    private var isForeign: Bool { read.outcomes.contains(where: \.isQuarantined) }

    var json: JSONValue {
        .members([
            "usage_point": .string(installation.usagePoint), "meter": .string(installation.serial),
            "gateway": .string(installation.gateway), "unit": .integer(Int(installation.unit)),
            "multiplier": .integer(installation.multiplier), "at": .string(calendar.text(read.at)),
            "foreign_meter": .bool(isForeign),
            "readings": .array(
                readings.map { reading, outcome in
                    .members([
                        "register": .string(reading.register.name), "index_wh": .integer(reading.index.wattHours),
                        "requested": .string(calendar.text(outcome.requested)),
                        "answered": .string(calendar.text(outcome.answered)),
                        "transaction": .integer(Int(outcome.transaction)), "profile": .string(outcome.profile),
                        "words": .string(UsagePointPage.hexadecimal(reading.words)),
                    ])
                }),
            "failures": .array(
                failures.map { .members(["kind": .string($0.kind), "text": .string($0.description)]) }),
        ])
    }

    /// For the page.
    var values: [String: Any] {
        [
            "name": installation.usagePoint, "link": Link.encoded(installation.usagePoint),
            "serial": installation.serial, "gateway": installation.gateway, "unit": String(installation.unit),
            "when": VietnameseText.moment(read.at, in: calendar), "isForeign": isForeign,
            "readings": readings.map { reading, outcome in
                [
                    "register": reading.register.name,
                    "index": VietnameseText.kilowattHours(reading.index, decimals: 3),
                    "requested": VietnameseText.time(outcome.requested, in: calendar),
                    "answered": VietnameseText.time(outcome.answered, in: calendar),
                    "transaction": String(outcome.transaction), "profile": outcome.profile,
                    "words": UsagePointPage.hexadecimal(reading.words),
                ]
            },
            "failures": failures.map {
                ["kind": VietnameseText.failure($0.kind), "text": $0.description]
            },
        ]
    }
}
