/// When a gateway answers: after its latency, one request at a time or all at once. Monotonic nanoseconds.
package struct GatewayLatency: Hashable, Sendable {
    private let nanoseconds: UInt64
    private let working: SimulatedGateway.Working
    /// When a serial gateway's bus is free again.
    private var busyUntil: UInt64 = 0

    package init(_ gateway: SimulatedGateway) {
        nanoseconds = UInt64(gateway.latencyMilliseconds) * 1_000_000
        working = gateway.working
    }

    /// When a request is answered that came at `arrived`; ask in the order of arrival.
    package mutating func due(arrived: UInt64) -> UInt64 { due(arrived: arrived, taking: nanoseconds) }

    /// The same for a request that takes a time of its own.
    package mutating func due(arrived: UInt64, taking nanoseconds: UInt64) -> UInt64 {
        switch working {
        case .concurrent: return arrived + nanoseconds
        case .serial:
            busyUntil = max(arrived, busyUntil) + nanoseconds
            return busyUntil
        }
    }
}
