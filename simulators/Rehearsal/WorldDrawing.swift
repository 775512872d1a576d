import MeterFleet
import Metering
import Modbus

extension World {
    /// Draws a world. The same seed, days and severity give the same world.
    /// - Parameters:
    ///   - days: midnights the daemon lives through, 3 or more.
    ///   - isCalm: nothing goes wrong anywhere.
    package init(seed: UInt64, days: Int, library: ProfileLibrary, isCalm: Bool = false) {
        precondition(days >= 3, "a world has three midnights: one to begin, one in trouble, one in peace")
        var random = SeededRandom(seed: seed)
        let calendar = ServiceCalendar.vietnam
        // From 2025-05-02 on: a change of prices lies in some worlds and not in others.
        let first = ServiceDay(number: 20_210) + random.number(in: 0...40)
        from = calendar.start(of: first) + Instant.Span(microseconds: random.number(in: 0...86_399_999_999))
        let last = calendar.start(of: first + days)
        through = last + .hours(8)
        calmFrom = last - .hours(30)
        self.seed = seed
        self.days = days

        var field = FieldDrawing(seed: seed, start: first, library: library)
        field.draw(&random)
        usagePoints = field.usagePoints
        installations = field.installations
        sites = field.sites
        daemon = DaemonFate()
        daemon.cadence = .minutes(random.pick([30, 60, 120, 120]))
        daemon.batchMilliseconds = random.pick([900_000, 7_200_000, 7_200_000, 10_800_000, 10_800_000])
        daemon.lookMilliseconds = random.pick([1000, 5000, 20_000])
        guard !isCalm else { return }
        daemon.draw(from: from + .hours(2), to: calmFrom, days: days, &random)
        for site in sites.indices {
            sites[site].episodes = episodes(&random)
            befall(site, &random)
        }
        exchanges.sort { $0.told < $1.told }
    }

    /// What happens to the meters of one gateway and what is wrong with its wire.
    private mutating func befall(_ site: Int, _ random: inout SeededRandom) {
        var facts: [MeterFact] = []
        var exchanged: Set<UInt8> = []
        if random.happens(perMille: 300), let unit = sites[site].simulated.meters.units.first,
            let fact = exchange(site, unit, &random)
        {
            exchanged.insert(unit)
            facts.append(fact)
        }
        if random.happens(perMille: 100), let unit = sites[site].simulated.meters.units.last,
            !exchanged.contains(unit)
        {
            facts.append(rollover(site, unit, &random))
        }
        let plain = sites[site].simulated
        let drawing = FaultDrawing(
            row: sites[site].row, units: plain.meters.units,
            models: plain.meters.units.compactMap { plain.meters[$0]?.model },
            feeders: Set(plain.meters.units.filter { plain.meters[$0]?.isFeeder ?? false }), from: from + .hours(3),
            wordsFrom: from + .hours(40), to: calmFrom, exchanged: exchanged)
        let faults = drawing.draw(random.pick([0, 0, 1, 2, 4]), &random)
        sites[site].facts = facts
        sites[site].simulated = plain.befallen(faults, facts)
        if sites[site].misnamesUnits {
            for episode in sites[site].episodes.indices { sites[site].episodes[episode].manners.crossed = 0 }
        }
        guard sites[site].losesBytes else { return }
        if sites[site].sendsPieces {
            let whole = faults.filter { if case .pieces = $0.kind { false } else { true } }
            sites[site].simulated = plain.befallen(whole, facts)
        }
        for episode in sites[site].episodes.indices {
            sites[site].episodes[episode].manners.split = 0
            sites[site].episodes[episode].manners.bytewise = 0
        }
    }

    private mutating func exchange(_ site: Int, _ unit: UInt8, _ random: inout SeededRandom) -> MeterFact? {
        guard days >= 8, let old = sites[site].simulated.meters[unit],
            let row = installations.firstIndex(where: { $0.gateway == sites[site].row.name && $0.unit == unit })
        else { return nil }
        let day = calendar.day(at: from) + random.number(in: 3...days - 5)
        let at = calendar.start(of: day) + Instant.Span(microseconds: random.number(in: 1...86_399_999_999))
        let moment = CivilMoment(at, in: calendar)
        // As the fitter reads it: in steps that every model shows.
        let startIndex: Int64 = random.number(in: 0...40) * 100
        let serial = MeterNames.serial(of: old.number + 50_000_000)
        // A meter that names itself may be told of before it is there, with no word of the fitter's yet; any other
        // would be believed.
        let isEarly = random.happens(perMille: 300) && daemon.proof == .serial && old.model.namesItself
        let told =
            isEarly
            ? at - Instant.Span(microseconds: random.number(in: 0...90_000_000_000))
            : at + Instant.Span(microseconds: random.number(in: 0...200_000_000_000))
        let before = installations[row]
        let endIndex = isEarly ? nil : old.truth(.activeImport, old.dial.face(at: moment))
        exchanges.append(
            Exchange(
                site: site, unit: unit, at: at, told: min(max(told, from + .hours(2)), calmFrom),
                rows: [
                    before.with(serial: before.serial, installedOn: before.installedOn, removedOn: day, endIndex),
                    before.with(
                        serial: serial, installedOn: day, removedOn: nil, nil,
                        startIndex: isEarly ? nil : Energy(wattHours: startIndex)),
                ]))
        return MeterFact(.exchange(at: moment, serial: serial, startIndexWattHours: startIndex), units: [unit])
    }

    private mutating func rollover(_ site: Int, _ unit: UInt8, _ random: inout SeededRandom) -> MeterFact {
        let digits = 5
        for row in installations.indices
        where installations[row].gateway == sites[site].row.name && installations[row].unit == unit {
            let before = installations[row]
            installations[row] = before.with(
                serial: before.serial, installedOn: before.installedOn, removedOn: nil, nil, digits: digits)
        }
        let passing = from + .hours(random.number(in: 24...Int64(days) * 24))
        return MeterFact(
            .rollover(modulusWattHours: 100_000_000, passing: CivilMoment(passing, in: calendar)), units: [unit])
    }

    /// Up to six spells of trouble on the way to one gateway; none on every fifth.
    private func episodes(_ random: inout SeededRandom) -> [Site.Episode] {
        guard !random.happens(perMille: 200) else { return [] }
        var episodes: [Site.Episode] = []
        let most = random.number(in: 1...6)
        var at = from
        for _ in 0..<most {
            at = at + random.span(in: 10...max(20, Int64(days) * 1440 / Int64(most)))
            let end = min(calmFrom, at + random.span(in: 5...random.pick([60, 600, 2160])))
            guard at < end else { break }
            episodes.append(Site.Episode(from: at, to: end, manners: .drawn(&random)))
            at = end
        }
        return episodes
    }
}

extension NetworkManners {
    /// One way in which a network is bad: an outage, or one to four troubles together.
    fileprivate static func drawn(_ random: inout SeededRandom) -> NetworkManners {
        var manners = NetworkManners()
        switch random.number(in: 0...9) {
        case 0: manners.reach = .refused
        case 1: manners.reach = .blackHole
        default:
            for _ in 0..<random.number(in: 1...4) {
                manners[keyPath: random.pick(troubles)] = random.pick([2, 10, 50, 200])
            }
            manners.split = random.pick([50, 300, 900])
            manners.bytewise = random.pick([0, 0, 300])
            if random.happens(perMille: 200) { manners.delay = 1000...random.pick([100_000, 400_000, 1_500_000]) }
        }
        return manners
    }

    private static var troubles: [WritableKeyPath<NetworkManners, Int>] {
        [
            \.duplicated, \.late, \.overtaken, \.otherTransaction, \.otherUnit, \.truncated, \.foreign, \.lostAnswers,
            \.crossed, \.lostRequests, \.resets, \.halfOpen, \.garbage, \.slowConnects,
        ]
    }
}

extension DaemonFate {
    fileprivate mutating func draw(from: Instant, to: Instant, days: Int, _ random: inout SeededRandom) {
        let minutes = max(1, (to - from).seconds / 60)
        if random.happens(perMille: 150) { proof = random.pick([.model, .off]) }
        pendingMax = random.pick([3000, 100_000])
        batchMax = random.pick([200, 10_000])
        for _ in 0..<random.number(in: 0...max(1, days / 5)) {
            let at = from + random.span(in: 0...minutes)
            let longest = max(1, min((to - at).seconds, random.pick([30, 3600, 200_000])))
            downs.append(
                Down(
                    at: at, after: random.number(in: 0...60), manner: random.pick(Manner.allCases),
                    lasting: .seconds(random.number(in: 1...longest))))
        }
        downs.sort { $0.at < $1.at }
        for _ in 0..<random.number(in: 0...2) {
            let begin = from + random.span(in: 0...minutes)
            storeOutages.append(
                StoreOutage(from: begin, to: min(to, begin + random.span(in: 1...random.pick([10, 120, 1200])))))
        }
        storeOutages.sort { $0.from < $1.from }
    }
}

extension SimulatedMeter {
    fileprivate var isFeeder: Bool { model.profile.ceilingWatts >= 1_000_000 }
}

extension MeterModel {
    /// It shows a serial number, without fail.
    fileprivate var namesItself: Bool { profile.identity?.serial.map { !$0.isOptional } ?? false }
}

extension SimulatedGateway {
    fileprivate func befallen(_ faults: [Fault], _ facts: [MeterFact]) -> SimulatedGateway {
        SimulatedGateway(
            name: name, host: host, port: port, station: station, district: district,
            latencyMilliseconds: latencyMilliseconds, working: working, unknownUnit: unknownUnit, faults: faults,
            facts: facts, meters: meters)
    }
}

extension MeterInstallation {
    fileprivate func with(
        serial: String, installedOn: ServiceDay, removedOn: ServiceDay?, _ endIndex: Energy?,
        startIndex: Energy? = nil, digits: Int? = nil
    ) -> MeterInstallation {
        MeterInstallation(
            serial: serial, usagePoint: usagePoint, gateway: gateway, unit: unit, profile: profile,
            multiplier: multiplier, digits: digits ?? self.digits, installedOn: installedOn, removedOn: removedOn,
            startIndex: startIndex, endIndex: endIndex)
    }
}

/// A field as it is put up, with its registry.
private struct FieldDrawing {
    let seed: UInt64
    let start: ServiceDay
    let library: ProfileLibrary
    var sites: [Site] = []
    var usagePoints: [UsagePoint] = []
    var installations: [MeterInstallation] = []

    private static let district = "PA0901"

    init(seed: UInt64, start: ServiceDay, library: ProfileLibrary) {
        self.seed = seed
        self.start = start
        self.library = library
    }

    mutating func draw(_ random: inout SeededRandom) {
        let models = library.names.compactMap { library[$0] }.map { MeterModel($0) }
        var number: Int64 = Int64(seed % 1000) * 1000
        for position in 1...random.number(in: 2...6) {
            let name = "GW\(position)"
            // One model behind a gateway, or all of them.
            let mix = random.happens(perMille: 300) ? [random.pick(models)] : models
            var meters: [UInt8: SimulatedMeter] = [:]
            let count = min(random.number(in: 2...12), random.number(in: 2...12))
            while meters.count < count {
                number += 1
                let unit = UInt8(random.number(in: 1...20))
                guard meters[unit] == nil else { continue }
                let meter = simulated(number, unit, random.pick(mix), &random)
                meters[unit] = meter
                register(meter, behind: name, &random)
            }
            let depth = random.pick([1, 1, 1, 2, 4, 16])
            let latency = random.pick([0, 5, 40, 120, 500])
            // Somebody has set the time-out for this gateway.
            let timeout = random.pick([600, 1000, 2000, 3000].filter { $0 > 2 * latency })
            sites.append(
                Site(
                    row: Gateway(
                        name: name, host: "10.0.0.\(position)", station: "T\(position)", district: Self.district,
                        depth: depth, timeoutMilliseconds: timeout,
                        pauseMilliseconds: random.pick([0, 0, 0, 20, 100])),
                    simulated: SimulatedGateway(
                        name: name, host: "10.0.0.\(position)", port: 502, district: Self.district,
                        latencyMilliseconds: latency,
                        working: random.pick(SimulatedGateway.Working.allCases),
                        unknownUnit: random.pick(SimulatedGateway.UnknownUnit.allCases), meters: .listed(meters)),
                    idleClose: random.happens(perMille: 250) ? .seconds(random.number(in: 5...900)) : nil))
        }
    }

    private func simulated(
        _ number: Int64, _ unit: UInt8, _ model: MeterModel, _ random: inout SeededRandom
    ) -> SimulatedMeter {
        let origin = start - 40
        let household = Household(
            seed: seed, number: number, origin: origin, ceilingWatts: model.profile.ceilingWatts)
        let hasPrimarySide = model.profile.values.contains { $0.side == .primary }
        return SimulatedMeter(
            number: number, unit: unit, names: MeterNames(district: Self.district), model: model,
            dial: .household(household),
            multiplier: random.pick(hasPrimarySide ? [1, 40, 120] : [1, 1, 20]),
            installed: origin + random.number(in: 0...39))
    }

    private mutating func register(_ meter: SimulatedMeter, behind gateway: String, _ random: inout SeededRandom) {
        usagePoints.append(
            UsagePoint(
                name: meter.usagePoint, customer: "KH\(meter.number)", station: gateway, district: Self.district,
                category: random.happens(perMille: 100) ? "residential_shared" : "residential",
                householdHundredths: random.pick([100, 100, 100, 175, 400]), readingDay: random.number(in: 0...27)))
        installations.append(
            MeterInstallation(
                serial: meter.serial, usagePoint: meter.usagePoint, gateway: gateway, unit: meter.unit,
                profile: meter.model.profile.name, multiplier: meter.multiplier, digits: meter.digits,
                installedOn: meter.installed))
    }
}
