import Glibc
import Logging
import Metering
import Modbus
import Synchronization
import Testing

@testable import HeadEnd

/// The head-end's client and the simulator's server against libmodbus, which neither of them is made of.
/// Sockets on loopback, ports of the system's choice; what is waited for is a count, never a duration.
@Suite("libmodbus as the other side")
struct LibmodbusConformanceTests {
    private static let calendar = ServiceCalendar.vietnam
    private static let noon = calendar.start(of: ServiceDay(number: 20_217)) + .hours(12)
    private static let installed = ServiceDay(number: 20_179)

    // MARK: - Our client, its server

    /// A unit of the libmodbus server and what its dials must be read as, in Wh (varh).
    private struct Peer {
        let image: LibmodbusServer.Image
        let profile: String
        let expected: [Register: Int64]
    }

    /// Dials of an SDM630 in kWh (kvarh): input registers 0x0048 to 0x004F, IEEE 754 bits, high word first. libmodbus
    /// does not put them into words: `modbus_set_float_abcd` of 3.1.6 exchanges the bytes of each word on this machine.
    private static func sdm630(unit: UInt8, _ dials: [Float], _ expected: [Register: Int64]) -> Peer {
        let words = dials.flatMap { dial in
            [UInt16(dial.bitPattern >> 16), UInt16(truncatingIfNeeded: dial.bitPattern)]
        }
        return Peer(
            image: LibmodbusServer.Image(unit: unit, input: .init(start: 0x48, words)), profile: "sdm630",
            expected: expected)
    }

    /// Dials of an ABB B23 in 0.01 kWh: holding registers 0x5000 to 0x5007.
    private static func abbB23(unit: UInt8, _ words: [UInt16], _ expected: [Register: Int64]) -> Peer {
        Peer(
            image: LibmodbusServer.Image(unit: unit, holding: .init(start: 0x5000, words)), profile: "abb-b23",
            expected: expected)
    }

    private static var peers: [Peer] {
        [
            sdm630(
                unit: 1, [4321.09, 12.34, 1500.55, 0.01],
                [
                    .activeImport: 4_321_090, .activeExport: 12_340, .reactiveImport: 1_500_550,
                    .reactiveExport: 10,
                ]),
            sdm630(
                unit: 2, [0, 130_000.25, 7, 65_536.5],
                [
                    .activeImport: 0, .activeExport: 130_000_250, .reactiveImport: 7_000,
                    .reactiveExport: 65_536_500,
                ]),
            sdm630(
                unit: 3, [98_765.43, 0.1, 0.2, 0.3],
                [
                    .activeImport: 98_765_430, .activeExport: 100, .reactiveImport: 200, .reactiveExport: 300,
                ]),
            // 123,456 × 0.01 kWh. This one has no export: all ones.
            abbB23(
                unit: 4, [0x0000, 0x0000, 0x0001, 0xE240, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF],
                [.activeImport: 1_234_560]),
            // Each word counts: 0x0002_0003_0004 = 8,590,131,204 and 0x0001_0000_FFFF. A fourth would be no dial.
            abbB23(
                unit: 5, [0x0000, 0x0002, 0x0003, 0x0004, 0x0000, 0x0001, 0x0000, 0xFFFF],
                [.activeImport: 85_901_312_040, .activeExport: 42_950_328_310]),
        ]
    }

    /// What the head-end's writer was given.
    private final class Collector: Sendable {
        private let outcomes = Mutex<[PollOutcome]>([])
        private let enough: AsyncStream<Void>
        private let signal: AsyncStream<Void>.Continuation
        private let wanted: Int

        init(wanted: Int) {
            self.wanted = wanted
            (enough, signal) = AsyncStream.makeStream(of: Void.self)
        }

        var all: [PollOutcome] { outcomes.withLock { $0 } }

        func take(_ batch: [PollOutcome]) {
            let count = outcomes.withLock { outcomes in
                outcomes += batch
                return outcomes.count
            }
            if count >= wanted { signal.finish() }
        }

        /// False when it did not come to that in 20 s.
        func waitForEnough() async -> Bool {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in self.enough {}
                    return !Task.isCancelled
                }
                group.addTask {
                    try? await Task.sleep(for: .seconds(20))
                    return false
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
        }
    }

    @Test("every poll of five units comes back once, in order, with the words of its own unit", arguments: [1, 8])
    func headEndAgainstServer(depth: Int) async throws {
        let peers = Self.peers
        let server = try await LibmodbusServer(peers.map(\.image))
        let collector = Collector(wanted: 2000)
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let library = try ProfileLibrary.load(folder: nil)
        let meters = try peers.map { peer in
            MeterPlan(
                // Unlike the unit, so that one is never taken for the other.
                meter: MeterID(700 + Int32(peer.image.unit)), unit: peer.image.unit,
                model: ModelPlan(try #require(library[peer.profile])), installedOn: Self.installed)
        }
        let gateway = Gateway(name: "peer", host: "127.0.0.1", port: server.port, depth: depth)
        let outcomes = OutcomeQueue(ageMilliseconds: 5, logger: quiet) { collector.take($0) }
        // Half an hour between the polls of a meter is two milliseconds here, so that places never stay empty.
        let clock = ServiceClock.simulated(
            start: Self.noon, speed: 1_000_000, anchor: Instant(seconds: Int64(time(nil))))
        let headEnd = try HeadEnd(
            rhythm: .init(calendar: Self.calendar), proof: .off, clock: clock, outcomes: outcomes, logger: quiet,
            seed: 11)
        await headEnd.adopt(GatewayPlan(gateway: gateway, meters: meters))
        try await headEnd.start()
        let isEnough = await collector.waitForEnough()
        await headEnd.stop()
        let figures = await headEnd.state().lines.figures
        await server.stop()

        #expect(isEnough, "only \(collector.all.count) polls came back in 20 s: \(figures)")
        let all = collector.all
        // Nothing lost, doubled or exchanged: what libmodbus was asked is what came back, one for one.
        #expect(
            all.map { LibmodbusServer.Request(transaction: $0.transaction, unit: $0.unit) } == server.requests)
        #expect(figures.requests == all.count && figures.answers == all.count && figures.connects == 1)
        let troubles = [
            figures.timeouts, figures.exceptions, figures.badReplies, figures.absences, figures.lateReplies,
            figures.foreignReplies, figures.wrongUnitReplies, figures.framingViolations, figures.connectFailures,
        ]
        #expect(troubles.allSatisfy { $0 == 0 }, "\(figures)")
        for peer in peers {
            let unit = peer.image.unit
            let own = all.filter { $0.unit == unit }
            #expect(own.count >= 100, "unit \(unit) got its turn")
            let wrong = own.filter { $0.meter.number != 700 + Int32(unit) || Self.dials($0) != peer.expected }
            #expect(wrong.isEmpty, "unit \(unit): \(wrong.count) of \(own.count), e.g. \(wrong.prefix(1))")
        }
        // Depth 1 never asks before it is answered; depth 8 does, and libmodbus answers in order all the same.
        #expect(depth == 1 ? server.waitingMost == 0 : (1..<8).contains(server.waitingMost))
    }

    private static func dials(_ outcome: PollOutcome) -> [Register: Int64]? {
        guard case .success(let readings) = outcome.result, readings.allSatisfy({ $0.moment == .live }) else {
            return nil
        }
        return Dictionary(readings.map { ($0.register, $0.index.wattHours) }) { first, _ in first }
    }

    @Test("a unit that libmodbus does not have is exception 0x0B, and its neighbour is read all the same")
    func unknownUnit() async throws {
        let peer = Self.peers[0]
        let server = try await LibmodbusServer([peer.image])
        let collector = Collector(wanted: 200)
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)[peer.profile]))
        let meters = [1, 77].map { (unit: UInt8) in
            MeterPlan(meter: MeterID(Int32(unit)), unit: unit, model: model, installedOn: Self.installed)
        }
        let gateway = Gateway(name: "peer", host: "127.0.0.1", port: server.port, depth: 4)
        let headEnd = try HeadEnd(
            rhythm: .init(calendar: Self.calendar), proof: .off,
            clock: .simulated(start: Self.noon, speed: 1_000_000, anchor: Instant(seconds: Int64(time(nil)))),
            outcomes: OutcomeQueue(ageMilliseconds: 5, logger: quiet) { collector.take($0) }, logger: quiet, seed: 12)
        await headEnd.adopt(GatewayPlan(gateway: gateway, meters: meters))
        try await headEnd.start()
        let isEnough = await collector.waitForEnough()
        await headEnd.stop()
        await server.stop()
        #expect(isEnough, "only \(collector.all.count) polls came back in 20 s")
        let (known, unknown) = (collector.all.filter { $0.unit == 1 }, collector.all.filter { $0.unit == 77 })
        #expect(!known.isEmpty && known.allSatisfy { Self.dials($0) == peer.expected })
        #expect(!unknown.isEmpty && unknown.allSatisfy { $0.result == .failure(.exception(0x0B)) })
    }
}
