import Metering

/// What happened at a usage point hour by hour, told without a word of how a store works: which meter hung there, what
/// its dial showed at each midnight, what the fitter read, and what was used each day.
struct MeterLife {
    struct Meter {
        let serial: String
        let multiplier: Int64
        let installedOn: ServiceDay
        let start: Int64
        var removedOn: ServiceDay?
        var end: Int64?
        /// What its dial showed at the first instants of the days on which it hung there.
        var midnights: [ServiceDay: Int64] = [:]
        /// Days after it came, and after it left, on which somebody tells the registry.
        let toldAfter: Int
    }

    private(set) var meters: [Meter] = []
    /// Wh used on each day on which a meter was there at all.
    private(set) var used: [ServiceDay: Int64] = [:]
    let days: ClosedRange<ServiceDay>

    /// Three months from 1 May 2025, in which every other week or so a meter is exchanged, reset, given another
    /// multiplier, or gone for some days.
    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        days = LogBook.day("05-01")...LogBook.day("07-31")
        func number(_ range: ClosedRange<Int64>) -> Int64 {
            range.lowerBound + Int64(random.next() % UInt64(range.count))
        }
        var dial = number(0...9_000_000)
        // `nil` while no meter hangs there, until the day and hour given.
        var isThere = true
        var back: (day: ServiceDay, hour: Int64) = (days.lowerBound, 0)
        meters.append(
            Meter(serial: "S1", multiplier: number(1...3), installedOn: back.day, start: dial, toldAfter: 0))
        for day in days {
            // Early enough for the next meter to be there, and told of, in the end.
            let mayLeave = isThere && meters[meters.count - 1].installedOn < day && day + 9 <= days.upperBound
            let leaves = mayLeave && number(0...99) < 10 ? number(0...23) : nil
            for hour in Int64(0)...23 {
                if isThere, hour == 0 { meters[meters.count - 1].midnights[day] = dial }
                if isThere, hour == leaves {
                    meters[meters.count - 1].removedOn = day
                    meters[meters.count - 1].end = dial
                    isThere = false
                    back = number(0...3) == 0 ? (day + Int(number(1...4)), number(0...23)) : (day, hour)
                }
                if !isThere, day == back.day, hour == back.hour {
                    let old = meters[meters.count - 1]
                    let kind = number(0...2)
                    // 0: another meter. 1: the same after a reset. 2: the same, its dial going on.
                    if kind < 2 { dial = number(0...5000) }
                    let serial = kind == 0 ? "S\(meters.count + 1)" : old.serial
                    meters.append(
                        Meter(
                            serial: serial, multiplier: number(1...3), installedOn: day, start: dial,
                            toldAfter: Int(number(0...3))))
                    isThere = true
                }
                if isThere {
                    let passed = number(0...900)
                    dial += passed
                    used[day, default: 0] += passed * meters[meters.count - 1].multiplier
                }
            }
            // It was there at midnight at least.
            if meters[meters.count - 1].midnights[day] != nil { used[day, default: 0] += 0 }
        }
    }

    /// A meter's row, with its end or without.
    func row(_ position: Int, isClosed: Bool) -> MeterInstallation {
        let meter = meters[position]
        return MeterInstallation(
            serial: meter.serial, usagePoint: LogBook.usagePoint, gateway: "G1", unit: 1, profile: "sdm630",
            multiplier: meter.multiplier, digits: 6, installedOn: meter.installedOn,
            removedOn: isClosed ? meter.removedOn : nil, startIndex: Energy(wattHours: meter.start),
            endIndex: isClosed ? meter.end.map(Energy.init(wattHours:)) : nil)
    }
}
