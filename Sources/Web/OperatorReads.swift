import Hummingbird
import Metering
import Store
import Synchronization

/// How an operator's read reaches the meter; `nil` when the head-end does not poll it, an empty list when it stopped
/// meanwhile. Web and the head-end do not know each other: the assembly connects them.
package typealias MeterReader = @Sendable (_ meter: MeterID, _ gateway: String) async -> [PollOutcome]?

/// Reads under way: few at a time, since each goes ahead of everything its gateway has to do.
final class OperatorReads: Sendable {
    /// More operators than this do not ask in the same second; more scripts may.
    static let atOnceMax = 8
    private let underWay = Mutex(0)

    /// - Throws: `Problem` with status 429 when too many are under way.
    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        let isFree = underWay.withLock { count in
            guard count < Self.atOnceMax else { return false }
            count += 1
            return true
        }
        guard isFree else { throw Problem.tooManyReads }
        defer { underWay.withLock { $0 -= 1 } }
        return try await body()
    }
}

extension WebServer {
    func addOperatorReads(to router: Router<BasicRequestContext>) {
        router.post("/api/v1/usage-points/{id}/read") { request, context in
            let document = OperatorReadDocument(try await readNow(request, context), calendar: calendar)
            if document.hasReadings { return Answer.json(document.json) }
            let problem = Problem.noReading(document.lastFailure)
            return Answer.problem(
                problem.document(instance: request.uri.path).appending(document.json), status: problem.status)
        }
        router.post("/usage-points/{id}/read") { request, context in
            let read = try await readNow(request, context)
            let content = pages.render("operator-read", OperatorReadDocument(read, calendar: calendar).values)
            // It shows one moment: refreshed, it would be another.
            return Answer.text(
                whole(read.meter.installation.usagePoint, content, section: nil, refreshes: false), type: Answer.html)
        }
        // Without these a link would be answered as if the address did not exist.
        for path in ["/api/v1/usage-points/{id}/read", "/usage-points/{id}/read"] as [RouterPath] {
            router.get(path) { request, _ -> Response in throw Problem.wrongMethod(.post, at: request.uri.path) }
        }
    }

    /// Reads every dial of the meter that stands at the usage point today.
    private func readNow(_ request: Request, _ context: BasicRequestContext) async throws -> OperatorRead {
        guard Self.isFromOwnPages(request) else { throw Problem.foreignPage }
        let name = try pathName(context)
        var query = Query(request.uri.query)
        try query.check()
        let today = calendar.day(at: now())
        let found = try await lane.run { [store] in try store.meter(atUsagePoint: name, on: today) }
        guard let meter = found else { throw Problem.noMeter(name, on: today) }
        return try await reads.run {
            guard let outcomes = await readMeter(meter.id, meter.installation.gateway) else {
                throw Problem.notPolled(meter.installation)
            }
            guard !outcomes.isEmpty else { throw Problem.stopping }
            return OperatorRead(meter: meter, outcomes: outcomes, at: now())
        }
    }

    /// Another site's page in an operator's browser must not make meters being read. Programs send neither header.
    static func isFromOwnPages(_ request: Request) -> Bool {
        if let name = HTTPFields.Element.Name("Sec-Fetch-Site"), let site = request.headers[name] {
            return site == "same-origin" || site == "none"
        }
        guard let origin = request.headers[.origin] else { return true }
        return origin == "http://\(request.head.authority ?? "")" || origin == "https://\(request.head.authority ?? "")"
    }
}

extension Problem {
    fileprivate static let tooManyReads = Problem(
        status: .tooManyRequests, kind: "too-many-reads", title: "Too many reads at once",
        detail: "\(OperatorReads.atOnceMax) meters are being read now; try again in a few seconds")

    fileprivate static let foreignPage = Problem(
        status: .forbidden, kind: "foreign-page", title: "Asked by another site's page",
        detail: "meters are read on request of this service's own pages, or of a program that sends no Origin")

    fileprivate static let stopping = Problem(
        status: .serviceUnavailable, kind: "stopping", title: "The read was given up",
        detail: "the service stops, or the registry has changed the meter meanwhile; try again")

    /// The meter, or what lies before it, failed us: as a gateway's own answer says so.
    fileprivate static func noReading(_ failure: PollFailure?) -> Problem {
        Problem(
            status: failure == .timeout ? .gatewayTimeout : .badGateway, kind: "no-reading",
            title: "The meter gave no reading", detail: failure.map(\.description) ?? "it answered, but showed no dial")
    }

    fileprivate static func noMeter(_ usagePoint: String, on day: ServiceDay) -> Problem {
        Problem(
            status: .notFound, kind: "no-meter", title: "No meter to read",
            detail: "the registry has no meter in service at usage point \"\(usagePoint)\" on \(day)")
    }

    fileprivate static func notPolled(_ meter: MeterInstallation) -> Problem {
        Problem(
            status: .conflict, kind: "not-polled", title: "The meter is not polled",
            detail:
                "meter \(meter.serial) behind gateway \(meter.gateway) is in the registry, but not polled: its profile "
                + "\(meter.profile) or the gateway's address is refused; the service's log says why")
    }
}
