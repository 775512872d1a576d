import ArgumentParser
import Dispatch
import Foundation
import MeterFleet
import Metering

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a fleet on Modbus/TCP until SIGINT or SIGTERM.")

    @Argument(help: "The fleet file.")
    var fleet: String
    @Option(help: "Simulated civil time: START,SPEED[,ANCHOR], e.g. 2025-04-20T00:00:00+07:00,43200.")
    var clock: String?
    @Option(help: "Serial queues that share the gateways, 1 to 64.")
    var shards = 1

    func validate() throws {
        guard (1...64).contains(shards) else { throw ValidationError("--shards must be from 1 to 64") }
        _ = try serviceClock(processStart: Self.realNow())
    }

    func run() async throws {
        let started = Self.realNow()
        let clock = try serviceClock(processStart: started)
        let stops = StopSignals()
        let fleet = try FleetFile.load(path: fleet)
        let server = FleetServer(fleet: fleet, shards: shards, clock: clock)
        let ports = try await server.start()
        let first = fleet.gateways.first.map { "\($0.host):\(ports[0])" } ?? "nowhere"
        let civil = fleet.calendar.text(clock.civil(at: started))
        FileHandle.standardError.write(
            Data(
                ("metersim: serving \(fleet.meterCount) meters behind \(fleet.gateways.count) gateways, "
                    + "the first on \(first); civil time \(civil) at the start, speed \(clock.speed)\n").utf8))
        await stops.first()
        await server.stop()
    }

    private static func realNow() -> Instant {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    private func serviceClock(processStart: Instant) throws -> ServiceClock {
        guard let clock else { return .system }
        do {
            return try ServiceClock(simulated: clock, processStart: processStart)
        } catch {
            throw ValidationError("--clock: \(error)")
        }
    }
}

/// SIGINT and SIGTERM as something to wait for; they no longer end the process by themselves.
private struct StopSignals {
    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        self.stream = stream
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.activate()
            return source
        }
    }

    func first() async {
        var signals = stream.makeAsyncIterator()
        await signals.next()
        for source in sources { source.cancel() }
    }
}
