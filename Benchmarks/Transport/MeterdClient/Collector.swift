import Foundation
import Glibc
import HeadEnd
import Logging
import Metering
import Modbus
import Synchronization
import TransportWire

/// The production head-end before the benchmark's gateways: shards, conversations, decoding. In the store's place a
/// sink compares each reading with what its meter must say, and counts. The one file here that knows `HeadEnd`.
struct Collector {
    /// The meters of one run: behind each gateway the units 1, 2, ….
    struct Field {
        let gateways: Int
        let units: Int
        let port: UInt16
        let depth: Int
    }

    /// What came of a run; every answer counts once.
    struct Result {
        let answers: Int
        let faults: Int
        /// Requests without an answer in time: on a machine without a free processor no fault of either side.
        let givenUp: Int
    }

    /// What the sink has seen so far.
    private final class Tally: Sendable {
        let right = Atomic(0)
        let wrong = Atomic(0)
        let givenUp = Atomic(0)
    }

    private let headEnd: HeadEnd
    private let plans: [GatewayPlan]
    private let tally = Tally()
    private let reached: AsyncStream<Void>

    /// Prepares to ask all meters of the field without pause, and to end once `wanted` answers or a wrong one came.
    init(_ field: Field, wanted: Int) throws {
        let calendar = ServiceCalendar.vietnam
        guard let day = ServiceDay(iso: "2025-05-10"), let profile = try ProfileLibrary.load(folder: nil)["sdm630"]
        else { throw BenchmarkError.noProfile }
        var logger = Logger(label: "transport")
        // Each gateway's time-outs are longer than this cadence, and would be warned of.
        logger.logLevel = .error
        let (reached, announce) = AsyncStream.makeStream(of: Void.self)
        let outcomes = OutcomeQueue(logger: logger) { [tally, logger] batch in
            let right = batch.count(where: Self.isRight)
            if right < batch.count, let wrong = batch.first(where: { !Self.isRight($0) }) {
                logger.error("\(wrong)")
            }
            let rightSoFar = tally.right.add(right, ordering: .relaxed).newValue
            let givenUp = batch.count { if case .failure(.timeout) = $0.result { true } else { false } }
            tally.givenUp.add(givenUp, ordering: .relaxed)
            let wrongSoFar = tally.wrong.add(batch.count - right - givenUp, ordering: .relaxed).newValue
            if rightSoFar >= wanted || wrongSoFar > 0 { announce.yield() }
        }
        self.reached = reached
        // Noon: no midnight comes while it runs, and with a cadence far shorter than a round every meter is always due.
        let clock = ServiceClock.simulated(start: calendar.start(of: day) + .hours(12), speed: 1, anchor: Self.now())
        headEnd = try HeadEnd(
            rhythm: .init(calendar: calendar, cadence: .init(microseconds: 1000)), proof: .off, clock: clock,
            outcomes: outcomes, logger: logger, seed: 1)
        plans = Self.plans(field, ModelPlan(profile), installedOn: day)
    }

    /// Takes the registry in: plans and schedules, before the first connect. A daemon does so once, at its start.
    func prepare() async { for plan in plans { await headEnd.adopt(plan) } }

    /// Connects, asks, awaits what is in flight at the end, closes.
    func run() async throws -> Result {
        try await headEnd.start()
        for await _ in reached { break }
        await headEnd.stop()
        return Result(
            answers: tally.right.load(ordering: .relaxed), faults: tally.wrong.load(ordering: .relaxed),
            givenUp: tally.givenUp.load(ordering: .relaxed))
    }

    private static func isRight(_ outcome: PollOutcome) -> Bool {
        guard case .success(let readings) = outcome.result, readings.count == Int(WIRE_DIALS) else { return false }
        let meter = UInt32(outcome.meter.number)
        // The dials in the order of the wire: import, export, reactive import, reactive export.
        return readings.indices.allSatisfy { readings[$0].index.wattHours == wire_wh(meter, Int32($0)) }
    }

    private static func plans(_ field: Field, _ model: ModelPlan, installedOn day: ServiceDay) -> [GatewayPlan] {
        (0..<field.gateways).map { number in
            var host = [CChar](repeating: 0, count: Int(WIRE_HOST_BYTES))
            wire_host(Int32(number), &host)
            let gateway = Gateway(
                name: "GW\(number)", host: String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self),
                port: field.port, depth: field.depth, timeoutMilliseconds: 10_000)
            let meters = (1...field.units).map { unit in
                MeterPlan(
                    meter: MeterID(Int32(wire_meter(Int32(number), Int32(unit)))), unit: UInt8(unit), model: model,
                    installedOn: day)
            }
            return GatewayPlan(gateway: gateway, meters: meters)
        }
    }

    private static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}

enum BenchmarkError: Error {
    case noProfile
}
