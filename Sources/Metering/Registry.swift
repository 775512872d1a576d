/// How a gateway speaks on the wire (design §6.2).
package enum Transport: String, CaseIterable, Hashable, Sendable {
    case tcp
    case rtuOverTCP = "rtu-over-tcp"
    case rtu
}

/// A concentrator or gateway: one endpoint, shared by all the units behind it.
package struct Gateway: Hashable, Sendable {
    package let name: String
    package let host: String
    package let port: UInt16
    package let station: String
    package let district: String
    /// Requests in flight on its one connection, 1...16.
    package let depth: Int
    package let timeoutMilliseconds: Int
    /// Silence kept between an answer and the next request.
    package let pauseMilliseconds: Int
    package let transport: Transport

    package init(
        name: String, host: String, port: UInt16 = 502, station: String = "", district: String = "", depth: Int = 1,
        timeoutMilliseconds: Int = 2000, pauseMilliseconds: Int = 0, transport: Transport = .tcp
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.station = station
        self.district = district
        self.depth = depth
        self.timeoutMilliseconds = timeoutMilliseconds
        self.pauseMilliseconds = pauseMilliseconds
        self.transport = transport
    }
}

/// Where a customer is supplied and billed (CIM, ESPI `UsagePoint`). Meters come and go; it stays.
package struct UsagePoint: Hashable, Sendable {
    package let name: String
    package let customer: String
    package let station: String
    package let district: String
    /// Tariff category, e.g. `residential`, or `stationCategory`.
    package let category: String
    /// Households sharing the meter, in hundredths: 1.75 households are 175.
    package let householdHundredths: Int
    /// Day of month on which the meter is read for the bill, 1...27; 0 for the month's last day. `readingDays` are
    /// those that count: a contract may name others.
    package let readingDay: Int
    package let voltage: String
    package var contract: Contract

    package init(
        name: String, customer: String, station: String = "", district: String = "", category: String = "residential",
        householdHundredths: Int = 100, readingDay: Int = 0, voltage: String = "",
        contract: Contract = .standard
    ) {
        self.name = name
        self.customer = customer
        self.station = station
        self.district = district
        self.category = category
        self.householdHundredths = householdHundredths
        self.readingDay = readingDay
        self.voltage = voltage
        self.contract = contract
    }
}

extension UsagePoint {
    /// The supply category of a transformer station's own meter, beside those of the tariffs: it counts what goes into
    /// the station. It is read like any other, and nobody's bill.
    package static let stationCategory = "transformer"
}

/// One meter at one usage point for a span of days, which `MeterStay` explains.
package struct MeterInstallation: Hashable, Sendable {
    package let serial: String
    package let usagePoint: String
    package let gateway: String
    package let unit: UInt8
    package let profile: String
    /// CT × VT, 1 or more: consumption is the difference of two indices times this.
    package let multiplier: Int64
    /// Digits of the dial in whole kWh; 0 when unknown.
    package let digits: Int
    /// What a multiplier may be.
    package static let multipliers: ClosedRange<Int64> = 1...1_000_000

    /// Where a dial of so many digits begins at 0 again; that of the longest there is, twelve, where they are unknown.
    package static func span(ofDigits digits: Int) -> Energy {
        let known = (1...12).contains(digits) ? digits : 12
        return Energy(wattHours: (0..<known).reduce(1000) { value, _ in value * 10 })
    }

    /// The day it was put up, at whatever hour.
    package let installedOn: ServiceDay
    /// The day it was taken down, at whatever hour; `nil` while it is there.
    package let removedOn: ServiceDay?
    /// What the fitter read when putting it up and when taking it down.
    package let startIndex: Energy?
    package let endIndex: Energy?

    package init(
        serial: String, usagePoint: String, gateway: String, unit: UInt8, profile: String, multiplier: Int64 = 1,
        digits: Int = 0, installedOn: ServiceDay, removedOn: ServiceDay? = nil, startIndex: Energy? = nil,
        endIndex: Energy? = nil
    ) {
        self.serial = serial
        self.usagePoint = usagePoint
        self.gateway = gateway
        self.unit = unit
        self.profile = profile
        self.multiplier = multiplier
        self.digits = digits
        self.installedOn = installedOn
        self.removedOn = removedOn
        self.startIndex = startIndex
        self.endIndex = endIndex
    }

    package var stay: MeterStay {
        MeterStay(installedOn: installedOn, removedOn: removedOn, startIndex: startIndex, endIndex: endIndex)
    }

    /// Whether it is polled on `day`, and expected to answer.
    package func isInService(on day: ServiceDay) -> Bool { stay.isInService(on: day) }
}

/// What the utility knows of its field: the three files of design §6.2, and its contracts.
package struct Registry: Hashable, Sendable {
    package var gateways: [Gateway]
    package var usagePoints: [UsagePoint]
    package var installations: [MeterInstallation]

    package init(gateways: [Gateway] = [], usagePoints: [UsagePoint] = [], installations: [MeterInstallation] = []) {
        self.gateways = gateways
        self.usagePoints = usagePoints
        self.installations = installations
    }
}
