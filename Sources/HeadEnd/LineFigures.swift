/// Counters of one line or of all lines together; each only grows while the process lives.
package struct LineFigures: Sendable {
    package var requests = 0
    package var answers = 0
    package var timeouts = 0
    package var exceptions = 0
    /// Replies under a pending transaction whose PDU does not fit the request.
    package var badReplies = 0
    /// Answers that carried no usable value: sentinels, records of another day.
    package var absences = 0
    /// Replies to requests already given up: dropped.
    package var lateReplies = 0
    /// Replies under transactions never sent: another client's traffic, or a broken gateway.
    package var foreignReplies = 0
    package var wrongUnitReplies = 0
    package var framingViolations = 0
    package var connects = 0
    package var connectFailures = 0
    /// Connections given up because no unit behind them said a word.
    package var silentConnections = 0
    /// Requests to units that are only probed.
    package var probes = 0
    /// Answers of meters that are not the ones the registry names.
    package var mismatches = 0
    /// From a request's sending to its answer, whatever the answer said.
    package var latency = LatencyCounts()

    package init() {}

    package static func += (total: inout LineFigures, line: LineFigures) {
        total.requests += line.requests
        total.answers += line.answers
        total.timeouts += line.timeouts
        total.exceptions += line.exceptions
        total.badReplies += line.badReplies
        total.absences += line.absences
        total.lateReplies += line.lateReplies
        total.foreignReplies += line.foreignReplies
        total.wrongUnitReplies += line.wrongUnitReplies
        total.framingViolations += line.framingViolations
        total.connects += line.connects
        total.connectFailures += line.connectFailures
        total.silentConnections += line.silentConnections
        total.probes += line.probes
        total.mismatches += line.mismatches
        total.latency += line.latency
    }
}
