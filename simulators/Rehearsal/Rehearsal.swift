import Foundation
import HeadEnd
import MeterFleet
import Metering
import Modbus
import Store
import VEE

/// The whole house in one thread and in virtual time: the production conversations, schedule, decoder, VEE, store and
/// billing against simulated gateways, through a network that a seed makes bad.
///
/// Only clock, sockets and queues are replaced, here, by the same duties in small: `Shard` in `+HeadEnd`,
/// `OutcomeQueue`, `DayCloser` and `FieldRegistry` in `+Store`. The network is `+Network`, the gateways are `+Field`.
/// Everything that happens comes from one queue of events, so a seed has one course.
package final class Rehearsal {
    enum Event: Sendable {
        /// A line of the head-end is looked at, by the daemon's life of this number.
        case look(site: Int, life: Int)
        /// The daemon writes what has gathered, closes what is due, follows the registry.
        case write(life: Int)
        case closeDays(life: Int)
        case followRegistry(life: Int)
        case endStop(life: Int)
        /// The gateway's own time has come.
        case gateway(site: Int)
        case reachesGateway(site: Int, link: UInt64, Arrival)
        case reachesHeadEnd(site: Int, link: UInt64, Arrival)
        /// The gateway's wire lets go of bytes it held back.
        case released(site: Int, link: UInt64, bytes: [UInt8])
        case idleCheck(site: Int, link: UInt64, since: Int64)
        case episodeBegins(site: Int, episode: Int)
        case start
        case down(Int)
        case registryChanges(Int)
    }

    enum Arrival: Sendable {
        case connection
        case refusal
        case bytes([UInt8])
        case end(isReset: Bool)
    }

    package let world: World
    let models: [String: ModelPlan]
    /// The same for meters whose clocks are wrong.
    let clocklessModels: [String: ModelPlan]
    let profiles: [String: MeterProfile]
    let judge: ConsumptionJudge
    let folder: URL
    let trace: ((String) -> Void)?

    var queue = EventQueue<Event>()
    /// Monotonic nanoseconds; civil time advances with it. A machine that has been up for an hour.
    var now: Int64 = 3_600_000_000_000
    let epoch: Int64 = 3_600_000_000_000
    let end: Int64
    var field: [FieldSite]
    var fieldActions = GatewayWire.Actions()

    // The daemon; `store` is `nil` while it is down.
    var life = 0
    var store: Store?
    var lines: [HeadEndLine] = []
    var actions = GatewayConversation.Actions()
    var mayAsk = true
    var isStopping = false
    var outcomes = WaitingOutcomes()
    var closing: DayClosing?
    var fieldVersion: FieldVersion?
    var knownPlans: [String: GatewayRow] = [:]
    var daemonSeeds: SeededRandom
    /// The down that comes next, and how many of the daemon's events it waits for.
    var pendingDown: (number: Int, events: Int)?

    /// What the checks are made on.
    package internal(set) var record: Record
    package internal(set) var figures = Figures()

    /// Where the store's file lies is `folder`, which must exist; the file must not.
    package init(
        _ world: World, library: ProfileLibrary, rules: RuleBook, folder: URL, trace: ((String) -> Void)? = nil
    ) {
        self.world = world
        self.folder = folder
        self.trace = trace
        profiles = library.profiles
        judge = ConsumptionJudge(rules: rules, resolutions: profiles.compactMapValues(\.importResolution))
        models = library.profiles.mapValues { ModelPlan($0) }
        clocklessModels = library.profiles.mapValues { ModelPlan($0, keepsTime: false) }
        daemonSeeds = SeededRandom(seed: world.seed ^ 0x6461_656D_6F6E_7365)
        field = world.sites.map { FieldSite($0, calendar: world.calendar, seed: world.seed) }
        record = Record(world)
        end = epoch + (world.through - world.from).microseconds * 1000
    }

    // MARK: - Time

    var civil: Instant { world.from + Instant.Span(microseconds: (now - epoch) / 1000) }

    var moment: Moment { Moment(monotonic: MonotonicTime(nanoseconds: now), civil: civil) }

    /// The first nanosecond at which civil time is `instant`.
    func nanoseconds(at instant: Instant) -> Int64 {
        let (ahead, overflow) = (instant - world.from).microseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (instant < world.from ? .min : .max) : epoch.addingReportingOverflow(ahead).partialValue
    }

    func add(_ event: Event, at nanoseconds: Int64) { queue.add(event, at: max(now, nanoseconds)) }

    func tell(_ text: @autoclosure () -> String) {
        if let trace { trace("\(world.calendar.text(civil)).\(microsecondText) \(text())") }
    }

    private var microsecondText: String {
        String(String(1_000_000 + civil.microseconds.flooredQuotient(by: 1) % 1_000_000).dropFirst())
    }

    // MARK: - Course

    /// Lets everything happen up to the world's end; then the daemon is stopped and its store is left open for the
    /// checks.
    /// - Throws: `StoreError` where the store fails although nothing was done to it.
    package func run() throws {
        try begin()
        try advance(to: world.through)
        try finish()
    }

    /// The first step of `run`, for those who look at the house on the way.
    package func begin() throws {
        try prepareStore()
        for (site, plan) in world.sites.enumerated() {
            for (number, episode) in plan.episodes.enumerated() {
                add(.episodeBegins(site: site, episode: number), at: nanoseconds(at: episode.from))
            }
            add(.gateway(site: site), at: now)
        }
        for (number, down) in world.daemon.downs.enumerated() { add(.down(number), at: nanoseconds(at: down.at)) }
        for (number, exchange) in world.exchanges.enumerated() {
            add(.registryChanges(number), at: nanoseconds(at: exchange.told))
        }
        add(.start, at: now)
    }

    /// Lets everything happen through `instant`, at the most to the world's end.
    package func advance(to instant: Instant) throws {
        let until = min(end, nanoseconds(at: instant))
        while let next = queue.nextAt, next <= until, let (at, event) = queue.removeFirst() {
            now = at
            figures.events += 1
            figures.mix(UInt64(bitPattern: at))
            try happen(event)
        }
        now = max(now, until)
    }

    /// The head-end's side of a gateway as it is now; `nil` while the daemon is down.
    package func conversation(with gateway: String) -> GatewayConversation? {
        lines.lazy.map(\.conversation).first { $0.plan.gateway.name == gateway }
    }

    private func happen(_ event: Event) throws {
        switch event {
        case .look(let site, let life):
            if self.life == life { look(site) }
        case .write(let life):
            if self.life == life { try write() }
        case .closeDays(let life):
            if self.life == life { try closeDays() }
        case .followRegistry(let life):
            if self.life == life { try followRegistry() }
        case .endStop(let life):
            if self.life == life { try endStop() }
        case .gateway(let site): fieldHappens(.wake, site)
        case .reachesGateway(let site, let link, let arrival): reachedGateway(site, link, arrival)
        case .reachesHeadEnd(let site, let link, let arrival): reachedHeadEnd(site, link, arrival)
        case .released(let site, let link, let bytes): release(bytes, site, link)
        case .idleCheck(let site, let link, let since): closeIfIdle(site, link, since: since)
        case .episodeBegins(let site, let episode): begin(episode, at: site)
        case .start: try start()
        case .down(let number): pendingDown = (number, world.daemon.downs[number].after)
        case .registryChanges(let number): try changeRegistry(number)
        }
        if let pending = pendingDown, pending.events <= 0 { try goDown(pending.number) }
    }

    /// An event of the daemon's own has passed: what waits for so many of them comes nearer.
    func countDaemonEvent() {
        if let pending = pendingDown { pendingDown = (pending.number, pending.events - 1) }
    }
}
