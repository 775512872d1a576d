import Dispatch
import MeterFleet
import Metering
import Modbus
import Synchronization
import Testing

/// What only sockets can show: that the shard performs what the wire decides. The faults themselves are tested on the
/// wire.
@Suite("A served fleet with faults")
struct FaultyServerTests {
    private static let ask = request(Honest.dial, of: 1, transaction: 1)

    private func serving(_ fault: FaultKind, _ body: (UInt16) throws -> Void) async throws {
        let fleet = Fleet(
            seed: 1, calendar: .vietnam, origin: day("2025-04-01"), gateways: [faulty([Fault(fault)])])
        let server = FleetServer(fleet: fleet) { WireRig.start }
        let port = try await server.start()[0]
        do {
            try body(port)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test("closes its port while it bears no more clients, and opens it again", arguments: [1, 3])
    func connectionLimit(limit: Int) async throws {
        try await serving(.connectionLimit(limit, beyond: .refuse)) { port in
            var clients: [Client] = []
            for _ in 0..<limit {
                let client = try Client(port: port)
                client.send(Self.ask)
                #expect(client.receive(17) == Honest.reply())
                clients.append(client)
            }
            #expect(throws: Client.Refused.self) { try Client(port: port) }
            clients[0].send(Self.ask)
            #expect(clients[0].receive(17) == Honest.reply())
            clients.removeLast()
            // The server hears of the end in its own time: at most a few tries, each of which may be refused.
            var late: Client?
            for _ in 0..<1_000_000 where late == nil { late = try? Client(port: port) }
            late?.send(Self.ask)
            #expect(late?.receive(17) == Honest.reply())
        }
    }

    @Test("accepts a client too many and hangs up")
    func dropped() async throws {
        try await serving(.connectionLimit(1, beyond: .drop)) { port in
            let first = try Client(port: port)
            first.send(Self.ask)
            #expect(first.receive(17) == Honest.reply())
            #expect(try Client(port: port).isClosed)
            first.send(Self.ask)
            #expect(first.receive(17) == Honest.reply())
        }
    }

    @Test("tears a connection down in the middle of an answer")
    func reset() async throws {
        try await serving(.resetMidReply(afterBytes: 5)) { port in
            let client = try Client(port: port)
            client.send(Self.ask)
            #expect(client.receive(5) == Array(Honest.reply().prefix(5)))
            #expect(client.isReset)
        }
    }

    @Test("sends what comes byte by byte, and what comes late")
    func delayed() async throws {
        for fault in [.pieces(gapMilliseconds: 1), .lateReply(.milliseconds(5))] as [FaultKind] {
            try await serving(fault) { port in
                let client = try Client(port: port)
                client.send(Self.ask)
                #expect(client.receive(17) == Honest.reply())
            }
        }
    }

    @Test("goes out of reach by its civil clock, with nobody asking, and comes back")
    func dead() async throws {
        let civil = Mutex(WireRig.start)
        let window = FaultSchedule(.between(WireRig.start + .seconds(20), WireRig.start + .seconds(60)))
        let fleet = Fleet(
            seed: 1, calendar: .vietnam, origin: day("2025-04-01"),
            gateways: [faulty([Fault(.gatewayDead(.reset), schedule: window)])])
        let server = FleetServer(fleet: fleet) {
            civil.withLock { $0 }
        } monotonic: { _ in
            // Whichever instant is awaited: look again in 20 ms.
            DispatchTime.now().uptimeNanoseconds + 20_000_000
        }
        let port = try await server.start()[0]
        let client = try Client(port: port)
        client.send(Self.ask)
        #expect(client.receive(17) == Honest.reply())
        civil.withLock { $0 = WireRig.start + .seconds(20) }
        #expect(client.isReset)
        #expect(throws: Client.Refused.self) { try Client(port: port) }
        civil.withLock { $0 = WireRig.start + .seconds(60) }
        var late: Client?
        for _ in 0..<1_000_000 where late == nil { late = try? Client(port: port) }
        late?.send(Self.ask)
        #expect(late?.receive(17) == Honest.reply())
        await server.stop()
    }
}
