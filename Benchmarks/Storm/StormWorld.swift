import Metering

/// A small fleet and what the store is told of it, without end and always the same for a seed: whoever was killed goes
/// on in another process by skipping what was told before.
struct StormWorld {
    private struct Place {
        let usagePoint: String
        let meter: MeterID
        let gateway: String
        let unit: UInt8
        let installedOn: ServiceDay
        var dials: [Int64]
    }

    static let calendar = ServiceCalendar.vietnam
    private static let registers: [Register] = [.activeImport, .activeExport]

    private var random: SeededRandom
    private var now: Instant
    private var transaction: UInt16 = 0
    private var registry = Registry()
    private var places: [Place] = []
    private var batches: [[PollOutcome]] = []
    /// Before anything else.
    private var isImported = false

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        guard let first = ServiceDay(iso: "2025-05-01") else { preconditionFailure("a day of the calendar") }
        now = Self.calendar.start(of: first) + .hours(10)
        registry.gateways = [Gateway(name: "G1", host: "10.0.0.1"), Gateway(name: "G2", host: "10.0.0.2")]
        for number in 1...8 {
            registry.usagePoints.append(UsagePoint(name: "P\(number)", customer: "C\(number)"))
            install(at: "P\(number)", on: Self.calendar.day(at: now) - 1)
        }
    }

    /// The next operation.
    mutating func next() -> StormOperation {
        guard isImported else {
            isImported = true
            return .importRegistry(registry, at: now)
        }
        return draw()
    }

    private mutating func draw() -> StormOperation {
        let today = Self.calendar.day(at: now)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<42: return .ingest(live())
        case 42..<45: return .compact(today: today)
        case 45: return .forget(today: today)
        case 46..<48: return .backUp(at: now)
        case 48..<62: return .ingest(records(of: today, more: 0))
        // The meter's record says something else than before: a revision.
        case 62..<66: return .ingest(records(of: today - Int.random(in: 0...3, using: &random), more: 7))
        case 66..<70: return .ingest(suspects(today))
        case 70..<74: return .ingest(failures())
        // Handed over again, as whoever heard no answer does.
        case 74..<79: return .ingest(batches.randomElement(using: &random) ?? [])
        case 79..<85: return .closeDay(today - Int.random(in: 0...1, using: &random), at: now)
        case 85..<89: return .closeReopenedDays(at: now)
        case 89..<93: return edit(today)
        case 93..<96: return changeRegistry(today)
        default: return .checkpoint
        }
    }

    // MARK: - Batches

    private mutating func poll(_ place: Int, _ readings: [Reading], late: Instant.Span = .zero) -> PollOutcome {
        transaction &+= 1
        let answered = now - late
        return PollOutcome(
            meter: places[place].meter, gateway: places[place].gateway, unit: places[place].unit,
            transaction: transaction, profile: "storm/1", requested: answered - .seconds(1), answered: answered,
            result: .success(readings))
    }

    private func reading(_ register: Register, _ moment: Reading.Moment, _ index: Int64) -> Reading {
        Reading(
            register: register, moment: moment, index: Energy(wattHours: index),
            words: [UInt16(truncatingIfNeeded: index >> 16), UInt16(truncatingIfNeeded: index)])
    }

    private mutating func polled(_ body: (inout StormWorld, Int) -> PollOutcome?) -> [PollOutcome] {
        var batch: [PollOutcome] = []
        for place in places.indices where Bool.random(using: &random) {
            batch += body(&self, place).map { [$0] } ?? []
        }
        batches.append(batch)
        if batches.count > 30 { batches.removeFirst() }
        return batch
    }

    /// Time passes, mostly less than an hour and sometimes days, and dials move.
    private mutating func live() -> [PollOutcome] {
        let isOutage = Int.random(in: 0..<20, using: &random) == 0
        let minutes = isOutage ? Int64.random(in: 600...5000, using: &random) : .random(in: 5...90, using: &random)
        now = now + .minutes(minutes)
        for place in places.indices {
            for register in Self.registers.indices {
                places[place].dials[register] += minutes * Int64.random(in: 0...60, using: &random)
            }
        }
        return polled { world, place in
            let readings = Self.registers.indices.map {
                world.reading(Self.registers[$0], .live, world.places[place].dials[$0])
            }
            return world.poll(place, readings)
        }
    }

    private mutating func records(of day: ServiceDay, more: Int64) -> [PollOutcome] {
        polled { world, place in
            let index = max(0, world.places[place].dials[0] - 500 + more)
            return world.poll(place, [world.reading(.activeImport, .frozen(day), index)])
        }
    }

    private mutating func suspects(_ today: ServiceDay) -> [PollOutcome] {
        polled { world, place in
            switch Int.random(in: 0..<3, using: &world.random) {
            case 0: world.poll(place, [world.reading(.activeImport, .live, 3)])
            case 1: world.poll(place, [world.reading(.activeImport, .frozen(today + 9), 9)])
            default: world.poll(place, [world.reading(.activeImport, .live, 1 << 40)], late: .hours(9))
            }
        }
    }

    private mutating func failures() -> [PollOutcome] {
        polled { world, place in
            PollOutcome(
                meter: world.places[place].meter, gateway: world.places[place].gateway,
                unit: world.places[place].unit, transaction: 0, profile: "storm/1",
                requested: world.now - .seconds(2), answered: world.now, result: .failure(.timeout))
        }
    }

    // MARK: - People

    private mutating func edit(_ today: ServiceDay) -> StormOperation {
        let place = Int.random(in: places.indices, using: &random)
        return .edit(
            usagePoint: places[place].usagePoint, .activeImport, today - Int.random(in: 0...2, using: &random),
            Energy(wattHours: max(0, places[place].dials[0] - Int64.random(in: 0...900, using: &random))), at: now)
    }

    /// Another usage point, another meter at an old one, or another address.
    private mutating func changeRegistry(_ today: ServiceDay) -> StormOperation {
        let place = Int.random(in: places.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where places.count < 100:
            let name = "P\(registry.usagePoints.count + 1)"
            registry.usagePoints.append(UsagePoint(name: name, customer: "C\(name)"))
            install(at: name, on: today)
        case 1 where registry.installations.count < 200 && places[place].installedOn < today:
            let old = registry.installations[Int(places[place].meter.number) - 1]
            registry.installations[Int(places[place].meter.number) - 1] = MeterInstallation(
                serial: old.serial, usagePoint: old.usagePoint, gateway: old.gateway, unit: old.unit,
                profile: old.profile, installedOn: old.installedOn, removedOn: today)
            places.remove(at: place)
            install(at: old.usagePoint, on: today)
        default:
            let host = "10.0.0.\(Int.random(in: 3...250, using: &random))"
            registry.gateways[0] = Gateway(name: "G1", host: host)
        }
        return .importRegistry(registry, at: now)
    }

    /// The store counts meters in the order in which they come.
    private mutating func install(at usagePoint: String, on day: ServiceDay) {
        let number = registry.installations.count + 1
        let (gateway, unit) = ("G\(number % 2 + 1)", UInt8(number))
        registry.installations.append(
            MeterInstallation(
                serial: "S\(number)", usagePoint: usagePoint, gateway: gateway, unit: unit, profile: "storm",
                installedOn: day))
        places.append(
            Place(
                usagePoint: usagePoint, meter: MeterID(Int32(number)), gateway: gateway, unit: unit, installedOn: day,
                dials: Self.registers.map { _ in Int64.random(in: 0...1_000_000, using: &random) }))
    }
}
