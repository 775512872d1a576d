import Hummingbird
import Metering
import Store

extension WebServer {
    func addPages(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in try await controlCentre(request) }
        router.get("/usage-points/{id}") { request, context in try await usagePoint(request, context) }
        router.get("/gateways") { request, _ in try await gateways(request) }
        router.get("/assets/{name}") { request, context in
            guard let name = context.parameters.get("name"), let asset = pages.assets[name] else {
                throw Problem.unknownAddress(request.uri.path)
            }
            var response = Answer.text(asset.text, type: asset.contentType)
            // Short: after an upgrade a wall screen must not go on with the old script.
            response.headers[.cacheControl] = "max-age=60"
            return response
        }
    }

    private func controlCentre(_ request: Request) async throws -> Response {
        var query = Query(request.uri.query)
        let text = query.text("q")
        let chosen = query.text("usage_point")
        try query.check()
        let figures = try await fleet.value()
        let (customer, found) = try await lane.run { [self] () throws -> (CustomerFigures?, [UsagePoint]) in
            let found = try text.map { try store.searchUsagePoints($0, limit: Self.searchMax) } ?? []
            var name = chosen ?? found.first?.name
            if name == nil, text == nil { name = try store.searchUsagePoints("", limit: 1).first?.name }
            guard let name else { return (nil, found) }
            let customer = try customerFigures(name, days: ControlCentrePage.customerDays)
            if customer == nil { throw Problem.unknownUsagePoint(name) }
            return (customer, found)
        }
        let page = ControlCentrePage(
            figures: figures, customer: customer, search: text.map { ($0, found) }, calendar: calendar)
        return Answer.text(
            whole("Trung tâm điều khiển", page.html(pages), section: "isControlCentre", search: text),
            type: Answer.html)
    }

    private func usagePoint(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let name = try pathName(context)
        var query = Query(request.uri.query)
        try query.check()
        let page = try await lane.run { [self] in
            guard let customer = try customerFigures(name, days: UsagePointPage.days) else {
                throw Problem.unknownUsagePoint(name)
            }
            let lineages = try customer.indices.suffix(UsagePointPage.lineageDays).reversed().map { day in
                (day, try store.lineage(usagePoint: name, register: day.register, day: day.day))
            }
            let shown = try store.meter(atUsagePoint: name, on: customer.today).flatMap { try store.meterSelf($0.id) }
            return UsagePointPage(customer: customer, lineages: lineages, shown: shown, calendar: calendar)
        }
        return Answer.text(whole(name, page.html(pages), section: nil), type: Answer.html)
    }

    private func gateways(_ request: Request) async throws -> Response {
        var query = Query(request.uri.query)
        let state = gatewayState(&query)
        let number = query.number("page", in: 1...100_000) ?? 1
        try query.check()
        let page = GatewaysPage(figures: try await fleet.value(), state: state, page: number, calendar: calendar)
        return Answer.text(whole("Bộ tập trung", page.html(pages), section: "isGateways"), type: Answer.html)
    }

    func gatewayState(_ query: inout Query) -> GatewayHealth.State? {
        guard let text = query.text("state") else { return nil }
        guard let state = GatewayHealth.State(rawValue: text) else {
            let known = GatewayHealth.State.inOrder.map(\.rawValue).joined(separator: ", ")
            query.refuse("state", text, "must be one of \(known)")
            return nil
        }
        return state
    }

    func customerFigures(_ name: String, days: Int) throws -> CustomerFigures? {
        try CustomerFigures(name, days: days, store: store, tariffs: tariffs, today: calendar.day(at: now()))
    }

    /// The last part of the path, decoded.
    func pathName(_ context: BasicRequestContext) throws -> String {
        guard let name = context.parameters.get("id")?.removingPercentEncoding, !name.isEmpty else {
            throw Problem.unknownUsagePoint("")
        }
        return name
    }

    func page(_ problem: Problem) -> String {
        let content = pages.render(
            "problem",
            [
                "status": problem.status.code, "title": problem.title, "detail": problem.detail,
                "hasFaults": !problem.faults.isEmpty,
                "faults": problem.faults.map {
                    ["parameter": $0.parameter, "value": $0.value, "remedy": $0.remedy]
                },
            ])
        return whole(problem.title, content, section: nil, refreshes: problem.status.code >= 500)
    }

    /// A page around `content`. Pages with live figures refresh themselves; a refused query does not.
    func whole(
        _ title: String, _ content: String, section: String?, search: String? = nil, refreshes: Bool = true
    ) -> String {
        let civil = now()
        let local = civil.seconds + Int64(calendar.offsetSeconds(at: civil))
        var values: [String: Any] = [
            "title": title, "content": content, "version": version, "search": search ?? "",
            "clock": [
                "time": VietnameseText.time(civil, in: calendar),
                "date": VietnameseText.date(calendar.day(at: civil)), "milliseconds": String(local * 1000),
                "speed": String(clockSpeed),
            ],
        ]
        if refreshes { values["refreshSeconds"] = String(Self.refreshSeconds) }
        if let section { values[section] = true }
        values["clockNote"] = clockNote.flatMap { $0.isEmpty ? nil : $0 }
        return pages.render("page", values)
    }
}
