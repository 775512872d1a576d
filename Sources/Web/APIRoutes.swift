import Billing
import Hummingbird
import Metering
import Store

extension WebServer {
    /// A query may ask for this many days at most: three years, a leap day and a day to spare.
    static let daysMax = 1097
    /// And for this many cases.
    static let casesMax = 10_000

    func addAPI(to router: Router<BasicRequestContext>) {
        router.get("/api/v1/usage-points/{id}/daily") { request, context in try await daily(request, context) }
        router.get("/api/v1/usage-points/{id}/bill") { request, context in try await bill(request, context) }
        router.get("/api/v1/completeness") { request, _ in try await completeness(request) }
        router.get("/api/v1/cases") { request, _ in try await cases(request) }
        router.get("/api/v1/alarms") { request, _ in
            var query = Query(request.uri.query)
            try query.check()
            let board = try await lane.run { [store] in try store.alarmBoard() }
            return Answer.json(AlarmDocument(board.shown, calendar: calendar).json)
        }
        router.get("/api/v1/gateways") { request, _ in
            var query = Query(request.uri.query)
            let state = gatewayState(&query)
            try query.check()
            let figures = try await fleet.value()
            return Answer.json(
                .members([
                    "at": .string(calendar.text(figures.at)),
                    "gateways": .array(
                        figures.gateways.filter { state == nil || $0.state == state }
                            .map { StatusDocument.json($0, calendar) }),
                ]))
        }
    }

    /// Liveness, readiness, metrics: for the machine that watches this one.
    func addProbes(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Answer.text("ok\n", type: "text/plain; charset=utf-8") }
        router.get("/readyz") { _, _ in
            do {
                _ = try await lane.run { [store] in try store.lastClosedDay() }
                return Answer.text("ready\n", type: "text/plain; charset=utf-8")
            } catch {
                logger.error("not ready: the store does not answer", metadata: ["error": "\(error)"])
                return Answer.text(
                    "not ready: the store does not answer; the reason is in the log\n",
                    type: "text/plain; charset=utf-8", status: .serviceUnavailable)
            }
        }
        router.get("/metrics") { _, _ in
            let text = Metrics.text(
                try await fleet.value(), headEnd: await headEnd(), version: version, calendar: calendar)
            return Answer.text(text, type: MetricsText.contentType)
        }
    }

    /// Live ones unless a state is asked for.
    private func cases(_ request: Request) async throws -> Response {
        var query = Query(request.uri.query)
        var filter = CaseFilter()
        if let state: MeterCase.State = query.word("state") { filter.states = [state] }
        filter.kinds = query.text("kind").map { [$0] }
        filter.severities = query.word("severity").map { [$0] }
        filter.usagePoint = query.text("usage_point")
        filter.station = query.text("station")
        filter.district = query.text("district")
        filter.gateway = query.text("gateway")
        let order: CaseOrder = query.word("order") ?? .stake
        let limit = query.number("limit", in: 1...Self.casesMax) ?? 100
        try query.check()
        let (found, total) = try await lane.run { [store, filter] in
            (try store.cases(filter, order: order, limit: limit), try store.caseCount(filter))
        }
        return Answer.json(
            CaseDocument(found, total: total, at: now(), calendar: calendar, tariffs: tariffs).json)
    }

    private func daily(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name = try pathName(context)
        var query = Query(request.uri.query)
        let today = calendar.day(at: now())
        let register = query.register("register") ?? .activeImport
        let (from, to) = period(&query, defaultTo: today.next)
        try query.check()
        return Answer.json(
            try await lane.run { [store] in
                try FeedDocument(reading: name, register: register, from: from, to: to, store: store).json
            })
    }

    private func bill(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name = try pathName(context)
        var query = Query(request.uri.query)
        let now = now()
        let today = calendar.day(at: now)
        let knownAt = query.instant("known_at")
        if let knownAt, knownAt > now {
            query.refuse(
                "known_at", calendar.text(knownAt), "lies in the future; must be \(calendar.text(now)) or earlier")
        }
        let asOf = query.day("as_of") ?? knownAt.map(calendar.day(at:)) ?? today
        if asOf > today {
            query.refuse("as_of", asOf.description, "lies in the future; must be \(today) or earlier")
        }
        try query.check()
        return Answer.json(
            try await lane.run { [store, tariffs] in
                do {
                    return BillDocument(
                        try store.provisionalBill(usagePoint: name, asOf: asOf, knownAt: knownAt, tariffs: tariffs)
                    ).json
                } catch let error as BillingError {
                    throw Problem.noBill(String(describing: error))
                } catch let error as StoreError {
                    switch error {
                    case .noIndex where knownAt == nil:
                        let missing = try MissingBill(error, of: name, asOf: asOf, today: today, store: store)
                        throw Problem.noBill(missing.description)
                    case .noIndex, .nothingInService, .noConsumption, .notBilled:
                        throw Problem.noBill(String(describing: error))
                    default: throw error
                    }
                }
            })
    }

    private func completeness(_ request: Request) async throws -> Response {
        var query = Query(request.uri.query)
        let today = calendar.day(at: now())
        if let cut: CompletenessCut = query.word("by") { return try await completeness(by: cut, &query) }
        let (from, to) = period(&query, defaultTo: today.next)
        try query.check()
        let days = try await lane.run { [store] in
            // One more: a day's energy is whole once the next day is closed.
            try store.completenessHistory(from: from, through: to)
        }
        let closed = Dictionary(days.map { ($0.day, $0) }, uniquingKeysWith: { _, last in last })
        return Answer.json(
            .members([
                "from": .string(from.description), "to": .string(to.description),
                "start": .string(calendar.text(calendar.start(of: from))),
                "end": .string(calendar.text(calendar.start(of: to))),
                "days": .array(
                    days.filter { $0.day < to }.map { day in
                        let next = closed[day.day.next]
                        return StatusDocument.json(day, isClosed: true).appending([
                            "consumption_wh": .optional(next.flatMap { day.consumption(until: $0) }) {
                                .integer($0.wattHours)
                            },
                            "missing_at_end": .optional(next) { .integer($0.missing) },
                            "closed_at": .optional(day.closedAt) { .string(calendar.text($0)) },
                        ])
                    }),
            ]))
    }

    /// One day in parts: the last closed one unless another is asked for.
    private func completeness(by cut: CompletenessCut, _ query: inout Query) async throws -> Response {
        let today = calendar.day(at: now())
        let asked = query.day("day", through: today)
        try query.check()
        return Answer.json(
            try await lane.run { [store, calendar] in
                let day = try asked ?? store.lastClosedDay() ?? today
                return CompletenessDocument(
                    try store.completeness(of: day, by: cut), collection: try store.collection(of: day),
                    calendar: calendar
                ).json
            })
    }

    /// `from` inclusive, `to` exclusive; without them the 31 days before `defaultTo`.
    private func period(_ query: inout Query, defaultTo: ServiceDay) -> (from: ServiceDay, to: ServiceDay) {
        let givenFrom = query.day("from")
        let givenTo = query.day("to")
        let to = givenTo ?? givenFrom.map { max(defaultTo, $0.next) } ?? defaultTo
        let from = givenFrom ?? to - 31
        if from >= to {
            query.refuse("to", to.description, "must be later than from (\(from)): it is exclusive")
        } else if to - from > Self.daysMax {
            query.refuse(
                "from", from.description, "the period has \(to - from) days; at most \(Self.daysMax) in one request")
        }
        return (from, to)
    }
}

extension Problem {
    static func noBill(_ reason: String) -> Problem {
        Problem(
            status: .unprocessableContent, kind: "no-bill", title: "No bill can be made", detail: reason)
    }
}
