import Metering
import Store

/// The figures of vee-and-feeds §5.1 that the service can honestly give, for a Prometheus server.
/// Energy stays out: its base unit there is the joule, and business kWh belong to the API.
enum Metrics {
    static func text(_ fleet: FleetFigures, headEnd: HeadEndFigures, version: String, calendar: ServiceCalendar)
        -> String
    {
        var text = MetricsText()
        text.family("meterd_build_info", .gauge, "Version of the running meterd.", [.init(1, ["version": version])])
        collecting(headEnd, into: &text)
        days(fleet, calendar: calendar, into: &text)
        cases(fleet, into: &text)
        gateways(fleet, into: &text)
        store(fleet.counts, into: &text)
        return text.text
    }

    private static func collecting(_ headEnd: HeadEndFigures, into text: inout MetricsText) {
        var requests = headEnd.requests
        // A result that has not happened yet is 0 and not absent, so that a rate over it is known from the start.
        for result in ["ok", "no-connection", "timeout", "exception", "bad-reply", "absent", "identity"] {
            requests[result, default: 0] += 0
        }
        text.family(
            "meterd_requests_total", .counter, "Finished requests to meters by result.",
            requests.sorted { $0.key < $1.key }.map { .init($0.value, ["result": $0.key]) })
        text.family(
            "meterd_dropped_replies_total", .counter, "Answers that belong to no pending request, by reason.",
            headEnd.droppedReplies.sorted { $0.key < $1.key }.map { .init($0.value, ["reason": $0.key]) })
        text.family("meterd_connections", .gauge, "Open connections to gateways.", [.init(headEnd.connections)])
        text.family("meterd_requests_in_flight", .gauge, "Requests on the wire.", [.init(headEnd.requestsInFlight)])
        text.family(
            "meterd_outcomes_waiting", .gauge, "Outcomes of requests that are not yet stored.",
            [.init(headEnd.outcomesWaiting)])
        text.family(
            "meterd_meters_overdue", .gauge, "Meters that are due and not yet asked.", [.init(headEnd.metersOverdue)])
        text.family(
            "meterd_units_out", .gauge, "Units that do not answer and are only probed.", [.init(headEnd.unitsOut)])
        text.family(
            "meterd_foreign_meters", .gauge,
            "Meters that show another identity than the registry, or values their profile cannot mean.",
            [.init(headEnd.foreignMeters)])
        text.family(
            "meterd_degraded_gateways", .gauge, "Gateways that are allowed not to echo transaction ids.",
            [.init(headEnd.degradedGateways)])
        text.family(
            "meterd_sweep_predicted_seconds", .gauge,
            "Until what is due now has been asked, by the pace of the slowest gateway that can be predicted.",
            [.init(microseconds: headEnd.forecast.milliseconds * 1000)])
        text.family(
            "meterd_sweep_unpredictable_gateways", .gauge,
            "Of the latest gateways, those with meters due that cannot be reached or have shown no pace yet.",
            [.init(headEnd.forecast.latest.count { $0.milliseconds == nil })])
        if let duration = headEnd.requestDuration {
            text.family(
                "meterd_request_duration_seconds", .histogram, "From sending a request to its whole answer.",
                duration.samples)
        }
        if let duration = headEnd.commitDuration {
            text.family(
                "meterd_store_commit_duration_seconds", .histogram, "Storing one batch of outcomes, durable.",
                duration.samples)
        }
        if let microseconds = headEnd.commitCPUMicroseconds {
            text.family(
                "meterd_store_commit_cpu_seconds_total", .counter, "CPU time of storing outcomes.",
                [.init(microseconds: microseconds)])
        }
    }

    private static func days(_ fleet: FleetFigures, calendar: ServiceCalendar, into text: inout MetricsText) {
        guard let closed = fleet.lastClosedDay else { return }
        let day = fleet.completeness
        text.family(
            "meterd_closed_day_start_timestamp_seconds", .gauge,
            "First instant of the last closed day, in civil time.", [.init(calendar.start(of: closed).seconds)])
        text.family(
            "meterd_closed_day_expected_meters", .gauge, "Meters that should have an index for the last closed day.",
            [.init(day.expected)])
        text.family(
            "meterd_closed_day_indices", .gauge, "Expected indices of the last closed day by quality.",
            [
                .init(day.frozen, ["quality": "frozen"]), .init(day.measured, ["quality": "measured"]),
                .init(day.edited, ["quality": "edited"]), .init(day.estimated, ["quality": "estimated"]),
                .init(day.missing, ["quality": "missing"]),
            ])
        text.family(
            "meterd_closing_backlog", .gauge, "Midnights that have passed since the last closed day.",
            [.init(fleet.daysBehind)])
    }

    private static func cases(_ fleet: FleetFigures, into text: inout MetricsText) {
        text.family(
            "meterd_exceptions", .gauge, "Cases that a person has to look into, by kind or rule and by severity.",
            fleet.caseCounts.map { .init($0.count, ["kind": $0.kind.rawValue, "severity": $0.severity.rawValue]) })
        text.family(
            "meterd_alarms", .gauge, "Alarms that are raised and explained by no other, by kind.",
            Dictionary(grouping: fleet.alarms, by: \.alarm.kind.rawValue).sorted { $0.key < $1.key }
                .map { .init($0.value.count, ["kind": $0.key]) })
        text.family(
            "meterd_rule_findings", .gauge,
            "What each rule found in the last day that was judged, whatever became of it.",
            fleet.findings.map { .init($0.count, ["rule": $0.kind.rawValue]) })
    }

    private static func gateways(_ fleet: FleetFigures, into text: inout MetricsText) {
        text.family(
            "meterd_gateways", .gauge, "Gateways by state.",
            GatewayHealth.State.inOrder.map { .init(fleet.gateways($0), ["state": $0.rawValue]) })
        text.family(
            "meterd_gateway_last_seen_timestamp_seconds", .gauge,
            "Civil time of each gateway's last stored success; gateways never heard are left out.",
            fleet.gateways.compactMap { health in
                health.lastSuccess.map { .init($0.seconds, ["gateway": health.gateway.name]) }
            })
    }

    private static func store(_ counts: StoreCounts, into text: inout MetricsText) {
        text.family("meterd_store_bytes", .gauge, "Size of the store's file.", [.init(counts.fileBytes)])
        text.family("meterd_store_wal_bytes", .gauge, "Size of its write-ahead log.", [.init(counts.walBytes)])
        text.family("meterd_store_indices", .gauge, "Daily indices in the store.", [.init(counts.indices)])
        text.family("meterd_store_readings", .gauge, "Readings kept as evidence.", [.init(counts.readings)])
        text.family(
            "meterd_store_suspect_readings", .gauge, "Readings kept but not believed.", [.init(counts.suspects)])
        text.family(
            "meterd_store_revised_indices", .gauge, "Indices that took the place of a different value.",
            [.init(counts.revisions)])
        text.family(
            "meterd_store_meters", .gauge, "Meters in the registry, removed ones included.", [.init(counts.meters)])
        text.family(
            "meterd_polls_stored_total", .counter, "Polls whose result is stored, since the store was made, by result.",
            [.init(counts.ok, ["result": "ok"])]
                + counts.failed.sorted { $0.key < $1.key }.map { .init($0.value, ["result": $0.key]) })
    }
}
