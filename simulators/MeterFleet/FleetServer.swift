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
    ///   - monotonic: the monotonic nanoseconds at which civil time will have come to an instant; `nil` where nobody
    ///     knows, and then faults begin and end only when something else happens.
    package convenience init(
        fleet: Fleet, shards: Int = 1, now: @escaping @Sendable () -> Instant,
        monotonic: @escaping @Sendable (Instant) -> UInt64? = { _ in nil }
    ) {
        self.init(fleet: fleet, shards: shards, FleetShard.Clock(now: now, monotonic: monotonic))
    }

    /// The civil clock of a running process.
    package convenience init(fleet: Fleet, shards: Int = 1, clock: ServiceClock) {
        self.init(
            fleet: fleet, shards: shards,
            FleetShard.Clock(
                now: { clock.civil(at: Self.realNow()) },
                monotonic: { civil in
                    let ahead = clock.real(at: civil) - Self.realNow()
                    // Beyond a year nothing is planned; it also keeps the sum within the type.
                    let microseconds = min(max(ahead.microseconds, 0), 31_622_400_000_000)
                    return DispatchTime.now().uptimeNanoseconds + UInt64(microseconds) * 1000
                }))
    }

    private init(fleet: Fleet, shards: Int, _ clock: FleetShard.Clock) {
        precondition(shards >= 1, "a server has a shard")
        self.fleet = fleet
        let connectionsMax = Self.connectionsMax(gateways: fleet.gateways.count)
        self.shards = (0..<shards).map { number in
            FleetShard(label: "fleet-\(number)", connectionsMax: connectionsMax / shards, clock: clock)
        }
    }

    private static func realNow() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
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
        var posts: [FleetShard.Post] = []
        do {
            for gateway in fleet.gateways { posts.append(try post(for: gateway)) }
        } catch {
            for post in posts { close(post.listener) }
            throw error
        }
        let ports = posts.map { StreamSocket.localPort(of: $0.listener) }
        for (number, shard) in shards.enumerated() {
            let share = stride(from: number, to: posts.count, by: shards.count).map { posts[$0] }
            do {
                try await shard.start(share, calendar: fleet.calendar, seed: fleet.seed)
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

    private func post(for gateway: SimulatedGateway) throws(StartError) -> FleetShard.Post {
        let endpoint = "\(gateway.host):\(gateway.port)"
        guard let address = SocketAddress(host: gateway.host, port: gateway.port) else {
            throw .endpoint(gateway: gateway.name, endpoint, reason: "this host has no address here")
        }
        do {
            let listener = try StreamSocket.listen(on: address)
            // Where the system chose the port, the gateway keeps it however often it stops listening.
            let port = StreamSocket.localPort(of: listener)
            let chosen = port == gateway.port ? address : SocketAddress(host: gateway.host, port: port) ?? address
            return FleetShard.Post(gateway: gateway, listener: listener, address: chosen)
        } catch {
            throw .endpoint(gateway: gateway.name, endpoint, reason: error.description)
        }
    }
}
