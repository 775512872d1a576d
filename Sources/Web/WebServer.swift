import Billing
import Foundation
import Hummingbird
import Logging
import Metering
import Store

/// The service's face: pages for the control centre, JSON for programs, figures for monitoring.
/// It reads the store and changes nothing in it; a person may have a meter read. Time comes in through `now`.
package struct WebServer: Sendable {
    typealias Context = BasicRequestContext

    let store: Store
    let tariffs: TariffBook
    let calendar: ServiceCalendar
    let now: @Sendable () -> Instant
    let listen: ListenAddress
    let version: String
    let clockNote: String?
    let clockSpeed: Int64
    let headEnd: @Sendable () async -> HeadEndFigures
    let readMeter: MeterReader
    let reads = OperatorReads()
    let logger: Logger
    let pages: Pages
    let lane: BlockingLane
    let fleet: SharedFigures<FleetFigures>

    /// Rows a search shows at most.
    static let searchMax = 20
    /// Pages ask for a fresh main part this often.
    static let refreshSeconds = 5

    /// - Parameters:
    ///   - now: civil time (design §6.6), the system's or the simulated one.
    ///   - clockNote: shown beside the clock, e.g. `mô phỏng ×43.200`; `nil` for the system's clock.
    ///   - clockSpeed: civil seconds a real second, for the clock that runs in the browser.
    ///   - headEnd: the collecting side's own counters, as they stand when asked.
    ///   - readMeter: reads all dials of one meter ahead of everything else.
    ///   - gatewayQuiet: a gateway without an answer for this long counts as offline: a few cadences.
    ///   - figuresLifetime: how long the fleet's figures may be shown before they are read again.
    /// - Throws: `PagesError` when the page files are not installed beside the program.
    package init(
        store: Store, tariffs: TariffBook, calendar: ServiceCalendar, now: @escaping @Sendable () -> Instant,
        listen: ListenAddress, version: String, clockNote: String? = nil, clockSpeed: Int64 = 1,
        headEnd: @escaping @Sendable () async -> HeadEndFigures, readMeter: @escaping MeterReader, logger: Logger,
        gatewayQuiet: Instant.Span = .hours(2), figuresLifetime: Duration = .seconds(2)
    ) throws {
        self.store = store
        self.tariffs = tariffs
        self.calendar = calendar
        self.now = now
        self.listen = listen
        self.version = version
        self.clockNote = clockNote
        self.clockSpeed = clockSpeed
        self.headEnd = headEnd
        self.readMeter = readMeter
        self.logger = logger
        pages = try Pages()
        // The store has five connections for readers.
        let lane = BlockingLane(name: "web store reads", width: 4)
        self.lane = lane
        fleet = SharedFigures(lifetime: figuresLifetime) { previous in
            try await lane.run {
                try FleetFigures(
                    store: store, at: now(), calendar: calendar, gatewayQuiet: gatewayQuiet, after: previous)
            }
        }
    }

    /// Why the server must not listen there, as the rest of a sentence about the address; `nil` where it may.
    package static func refusal(of listen: ListenAddress) -> String? {
        guard !listen.isLoopback else { return nil }
        return "can be reached from other machines, and this version has neither TLS nor "
            + "accounts; listen on 127.0.0.1 and put a reverse proxy with TLS and a login in front of it"
    }

    package func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ProblemAnswers(server: self))
        addPages(to: router)
        addAPI(to: router)
        addOperatorReads(to: router)
        addProbes(to: router)
        return router
    }

    /// Serves until the task is cancelled or the surrounding service group shuts down.
    /// `onListening` is told the port once connections are accepted.
    package func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        if let refusal = Self.refusal(of: listen) { throw WebServerError.refused(listen, refusal) }
        let application = Application(
            router: router(),
            configuration: ApplicationConfiguration(address: .hostname(listen.host, port: listen.port)),
            onServerRunning: { [listen] channel in await onListening(channel.localAddress?.port ?? listen.port) },
            logger: logger)
        try await application.run()
    }
}

package enum WebServerError: Error, Hashable, CustomStringConvertible {
    case refused(ListenAddress, String)

    package var description: String {
        switch self {
        case .refused(let listen, let why): "web.listen \"\(listen)\" \(why)"
        }
    }
}
