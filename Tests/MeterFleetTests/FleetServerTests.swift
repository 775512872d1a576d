import MeterFleet
import Metering
import Modbus
import Testing

@Suite("A served fleet")
struct FleetServerTests {
    private static let midnight = ServiceCalendar.vietnam.start(of: day("2025-05-10"))

    /// Unit 1 an ABB B23 at 1,234.567 kWh, unit 2 the same but silent, unit 3 answering exception 4.
    private func gateway(
        latency: Int = 0, working: SimulatedGateway.Working = .serial,
        unknownUnit: SimulatedGateway.UnknownUnit = .exception
    ) -> SimulatedGateway {
        SimulatedGateway(
            name: "GW", port: 0, latencyMilliseconds: latency, working: working, unknownUnit: unknownUnit,
            faults: [Fault(.silence(), units: [2]), Fault(.exception(code: 4), units: [3])],
            meters: .listed([
                1: meter("abb-b23", dial: standing(at: 1_234_567)), 2: meter("abb-b23", dial: standing(at: 1)),
                3: meter("abb-b23", dial: standing(at: 1)),
            ]))
    }

    private func serving(
        _ gateways: [SimulatedGateway], shards: Int = 1, _ body: ([UInt16]) throws -> Void
    ) async throws {
        let fleet = Fleet(seed: 1, calendar: .vietnam, origin: day("2025-04-01"), gateways: gateways)
        let server = FleetServer(fleet: fleet, shards: shards) { Self.midnight }
        let ports = try await server.start()
        do {
            try body(ports)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    //                                  |   tx id  | protocol |  length  | unit| fc |  address | count   |
    private static let ask: [UInt8] = [0x00, 0x07, 0x00, 0x00, 0x00, 0x06, 0x01, 0x03, 0x50, 0x00, 0x00, 0x04]
    // tx id, protocol, length | unit, fc, bytes | 123,456 × 0.01 kWh
    private static let told: [UInt8] = [
        0x00, 0x07, 0x00, 0x00, 0x00, 0x0B, 0x01, 0x03, 0x08, 0, 0, 0, 0, 0x00, 0x01, 0xE2, 0x40,
    ]

    @Test("answers a request that comes byte by byte")
    func byteByByte() async throws {
        try await serving([gateway()]) { ports in
            let client = try Client(port: ports[0])
            for byte in Self.ask { client.send([byte]) }
            #expect(client.receive(Self.told.count) == Self.told)
        }
    }

    @Test("answers pipelined requests in their order", arguments: [0, 2], SimulatedGateway.Working.allCases)
    func pipelined(latency: Int, working: SimulatedGateway.Working) async throws {
        try await serving([gateway(latency: latency, working: working)]) { ports in
            let client = try Client(port: ports[0])
            var (second, secondTold) = (Self.ask, Self.told)
            second[1] = 0x08
            secondTold[1] = 0x08
            client.send(Self.ask + second)
            #expect(client.receive(2 * Self.told.count) == Self.told + secondTold)
        }
    }

    @Test(
        "answers what it cannot give with the exception that says why",
        arguments: [
            ([0x01, 0x03, 0x40, 0x00, 0x00, 0x04], [0x01, 0x83, 0x02]),  // no such words
            ([0x01, 0x03, 0x50, 0x00, 0x00, 0x7E], [0x01, 0x83, 0x03]),  // 126 words
            ([0x01, 0x06, 0x50, 0x00, 0x00, 0x01], [0x01, 0x86, 0x01]),  // a write
            ([0x09, 0x03, 0x50, 0x00, 0x00, 0x04], [0x09, 0x83, 0x0B]),  // nobody there
            ([0x03, 0x03, 0x50, 0x00, 0x00, 0x04], [0x03, 0x83, 0x04]),  // a faulty meter
        ] as [([UInt8], [UInt8])])
    func exceptions(request: [UInt8], reply: [UInt8]) async throws {
        try await serving([gateway()]) { ports in
            let client = try Client(port: ports[0])
            client.send([0x12, 0x34, 0, 0, 0, 6] + request)
            #expect(client.receive(9) == [0x12, 0x34, 0, 0, 0, 3] + reply)
        }
    }

    @Test(
        "takes its latency for each request in turn, or for all of them at once",
        arguments: [
            (.serial, [50, 100, 150, 450]),  // the bus is idle from 150 to 400
            (.concurrent, [50, 50, 60, 450]),
        ] as [(SimulatedGateway.Working, [UInt64])])
    func latency(working: SimulatedGateway.Working, due: [UInt64]) {
        var latency = GatewayLatency(gateway(latency: 50, working: working))
        let arrivals: [UInt64] = [0, 0, 10, 400]
        #expect(arrivals.map { latency.due(arrived: $0 * 1_000_000) / 1_000_000 } == due)
    }

    @Test("keeps silent for a silent unit, and for an unknown one where the gateway does")
    func silence() async throws {
        try await serving([gateway(unknownUnit: .silence)]) { ports in
            let client = try Client(port: ports[0])
            for unit in [2, 9] as [UInt8] {
                var asked = Self.ask
                asked[6] = unit
                client.send(asked)
            }
            // The answer to a later request is the first that comes.
            client.send(Self.ask)
            #expect(client.receive(Self.told.count) == Self.told)
        }
    }

    @Test("answers what came before, then hangs up, when the stream is out of step")
    func outOfStep() async throws {
        try await serving([gateway()]) { ports in
            let client = try Client(port: ports[0])
            client.send(Self.ask + [0, 8, 0, 9, 0, 6, 1])
            #expect(client.receive(Self.told.count) == Self.told)
            #expect(client.isClosed)
        }
    }

    @Test("serves many gateways and connections at once, on several queues")
    func many() async throws {
        try await serving((0..<40).map { _ in gateway(latency: 1) }, shards: 2) { ports in
            #expect(Set(ports).count == 40)
            let clients = try (ports + ports).map { try Client(port: $0) }
            for client in clients { client.send(Self.ask + Self.ask) }
            for client in clients { #expect(client.receive(2 * Self.told.count) == Self.told + Self.told) }
        }
    }

    @Test("does not lose what a slow reader has not taken yet")
    func slowReader() async throws {
        try await serving([gateway()]) { ports in
            let client = try Client(port: ports[0], bufferBytes: 4096)
            let many = (0..<500).flatMap { _ in Self.ask }
            let limit = 2_000_000 * Self.ask.count
            var asked = 0
            // Nothing is read until the server, which cannot send, stops reading too.
            while asked < limit, let sent = client.sendNow(many, from: asked % many.count) { asked += sent }
            try #require(asked < limit, "the sockets held everything; ask more")
            let whole = asked / Self.ask.count
            let received = client.receive(whole * Self.told.count)
            #expect(received.count == whole * Self.told.count)
            #expect(received.suffix(Self.told.count) == Self.told[...])
        }
    }

    @Test("refuses a port that is taken, by gateway and endpoint")
    func portTaken() async throws {
        let one = Fleet(seed: 1, calendar: .vietnam, origin: day("2025-04-01"), gateways: [gateway()])
        let server = FleetServer(fleet: one) { Self.midnight }
        let port = try await server.start()[0]
        let other = Fleet(
            seed: 1, calendar: .vietnam, origin: day("2025-04-01"),
            gateways: [SimulatedGateway(name: "late", port: port, meters: .listed([:]))])
        let error = await #expect(throws: FleetServer.StartError.self) {
            try await FleetServer(fleet: other) { Self.midnight }.start()
        }
        #expect(error?.description.hasPrefix("gateway late: cannot listen on 127.0.0.1:\(port): bind: ") == true)
        await server.stop()
    }
}
