import Metering

/// What is known of many lines at one moment: counters, what waits, and when the sweep under way will be done.
package struct LineState: Sendable {
    package var figures = LineFigures()
    package var gateways = 0
    package var meters = 0
    package var connected = 0
    package var inFlight = 0
    /// Jobs that are due and wait for their gateway.
    package var backlog = 0
    /// Units that do not answer and are only probed.
    package var unitsOut = 0
    /// Meters that show another identity than the registry names.
    package var foreignMeters = 0
    /// Gateways that somebody has allowed not to echo transaction ids.
    package var degradedGateways = 0
    package var forecast = SweepForecast()

    package init() {}

    mutating func add(_ line: GatewayConversation, isConnected: Bool, at moment: Moment) {
        figures += line.figures
        gateways += 1
        meters += line.plan.meters.count
        connected += isConnected ? 1 : 0
        inFlight += line.inFlight
        backlog += line.backlog(at: moment.civil)
        unitsOut += line.unitsOut
        foreignMeters += line.foreignMeters
        degradedGateways += line.plan.ignoresTransactions ? 1 : 0
        forecast.add(line.prediction(at: moment))
    }

    package static func += (total: inout LineState, other: LineState) {
        total.figures += other.figures
        total.gateways += other.gateways
        total.meters += other.meters
        total.connected += other.connected
        total.inFlight += other.inFlight
        total.backlog += other.backlog
        total.unitsOut += other.unitsOut
        total.foreignMeters += other.foreignMeters
        total.degradedGateways += other.degradedGateways
        total.forecast += other.forecast
    }
}

/// When what is due now will have been asked, by the pace each gateway has shown, and which gateways are last.
package struct SweepForecast: Sendable {
    package struct Line: Hashable, Sendable {
        package let gateway: String
        /// Requests that are due.
        package let requests: Int
        /// Milliseconds until they are done; `nil` while the gateway cannot be reached, or has shown no pace yet.
        package let milliseconds: Int64?
        package let isConnected: Bool
    }

    /// Of all lines with something due, the latest first; those nobody can predict come before all others.
    package private(set) var latest: [Line] = []
    package private(set) var waiting = 0
    private static let latestMax = 5

    package init() {}

    /// Milliseconds until all predictable lines are done; 0 when nothing is due.
    package var milliseconds: Int64 { latest.compactMap(\.milliseconds).max() ?? 0 }

    mutating func add(_ line: Line) {
        guard line.requests > 0 else { return }
        waiting += line.requests
        latest.append(line)
        guard latest.count > Self.latestMax * 4 else { return }
        trim()
    }

    package static func += (total: inout SweepForecast, other: SweepForecast) {
        total.waiting += other.waiting
        total.latest += other.latest
        total.trim()
    }

    private mutating func trim() {
        latest.sort { ($0.milliseconds ?? .max, $0.gateway) > ($1.milliseconds ?? .max, $1.gateway) }
        // One predictable line stays among them, so that the finish is known.
        let kept = latest.prefix(Self.latestMax)
        let predicted = latest.dropFirst(Self.latestMax).first { $0.milliseconds != nil }
        latest = Array(kept) + (kept.contains { $0.milliseconds != nil } ? [] : predicted.map { [$0] } ?? [])
    }
}

extension GatewayConversation {
    /// What waits in the lanes of the sweep and of the day, and how long this line will take for it.
    func prediction(at moment: Moment) -> SweepForecast.Line {
        let requests = schedule.backlog(at: moment.civil) + inFlight
        return SweepForecast.Line(
            gateway: plan.gateway.name, requests: requests,
            milliseconds: isTalking && pace > 0 ? Int64(requests) * pace / 1_000_000 : nil, isConnected: isTalking)
    }
}
