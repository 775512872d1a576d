import Dispatch
import Glibc
import Metering
import Reactor

/// A whole fleet on Modbus/TCP in one process: one listening socket for each gateway, any number of connections.
package final class FleetServer: Sendable {
    private let fleet: Fleet
    private let shards: [FleetShard]

    /// Why nothing is served.
    package enum StartError: Error, CustomStringConvertible {
        case endpoint(gateway: String, String, reason: String)
        /// A limit or a failure of the system.
        case system(String)

        package var description: String {
            switch self {
            case .endpoint(let gateway, let endpoint, let reason):
                "gateway \(gateway): cannot listen on \(endpoint): \(reason); nothing is served. "
                    + "Stop the program that uses the port, or give the fleet other ports"
            case .system(let reason): "the fleet cannot be served: \(reason)"
            }
        }
    }

    /// - Parameters:
    ///   - shards: serial queues that share the gateways.
    ///   - now: civil time, asked whenever requests are answered.
    package init(fleet: Fleet, shards: Int = 1, now: @escaping @Sendable () -> Instant) {
        precondition(shards >= 1, "a server has a shard")
        self.fleet = fleet
        let connectionsMax = Self.connectionsMax(gateways: fleet.gateways.count)
        self.shards = (0..<shards).map { number in
            FleetShard(
                label: "fleet-\(number)", calendar: fleet.calendar, connectionsMax: connectionsMax / shards, now: now)
        }
    }

    /// The civil clock of a running process.
    package convenience init(fleet: Fleet, shards: Int = 1, clock: ServiceClock) {
        self.init(fleet: fleet, shards: shards) {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return clock.civil(
                at: Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000))
        }
    }

    /// Two connections for each gateway (a head-end and a vendor's tool), and some for small fleets.
    private static func connectionsMax(gateways: Int) -> Int { gateways * 2 + 256 }

    /// Listens for every gateway, or for none.
    /// - Returns: the ports, in the order of the fleet's gateways.
    package func start() async throws(StartError) -> [UInt16] {
        let reserve = 64
        do {
            try OpenFileLimit.raise(
                toAtLeast: fleet.gateways.count + Self.connectionsMax(gateways: fleet.gateways.count) + reserve)
        } catch {
            throw .system(error.description)
        }
        var listeners: [Int32] = []
        do {
            for gateway in fleet.gateways { listeners.append(try listen(for: gateway)) }
        } catch {
            for listener in listeners { close(listener) }
            throw error
        }
        let ports = listeners.map { StreamSocket.localPort(of: $0) }
        for (number, shard) in shards.enumerated() {
            let share = stride(from: number, to: listeners.count, by: shards.count).map { position in
                (fleet.gateways[position], listener: listeners[position])
            }
            do {
                try await shard.start(share)
            } catch {
                throw .system(error.description)
            }
        }
        return ports
    }

    /// Closes every socket.
    package func stop() async {
        for shard in shards { await shard.stop() }
    }

    private func listen(for gateway: SimulatedGateway) throws(StartError) -> Int32 {
        let endpoint = "\(gateway.host):\(gateway.port)"
        guard let address = SocketAddress(host: gateway.host, port: gateway.port) else {
            throw .endpoint(gateway: gateway.name, endpoint, reason: "this host has no address here")
        }
        do {
            return try StreamSocket.listen(on: address)
        } catch {
            throw .endpoint(gateway: gateway.name, endpoint, reason: error.description)
        }
    }
}
