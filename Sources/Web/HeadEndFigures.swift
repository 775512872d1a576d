/// What the collecting side counts about itself, handed over by the assembly: Web and the head-end do not know each
/// other. Counters run from the start of the process and never go back.
package struct HeadEndFigures: Hashable, Sendable {
    /// Finished requests by result: `ok`, or a `PollFailure.kind`.
    package var requests: [String: Int64]
    /// Answers thrown away because they belong to no pending request, by reason.
    package var droppedReplies: [String: Int64]
    /// Connections to gateways that are open now.
    package var connections: Int
    /// Requests on the wire now.
    package var requestsInFlight: Int
    /// Outcomes waiting to be stored: not yet durable.
    package var outcomesWaiting: Int
    /// Meters that are due now but not yet asked.
    package var metersOverdue: Int
    /// Units that do not answer and are only probed.
    package var unitsOut = 0
    /// Meters that show another identity than the registry, or values their profile cannot mean.
    package var foreignMeters = 0
    /// Gateways that are allowed not to echo transaction ids.
    package var degradedGateways = 0
    package var forecast = Forecast()
    package var requestDuration: DurationHistogram?
    package var commitDuration: DurationHistogram?
    /// CPU time that storing took.
    package var commitCPUMicroseconds: Int64?

    package init(
        requests: [String: Int64] = [:], droppedReplies: [String: Int64] = [:], connections: Int = 0,
        requestsInFlight: Int = 0, outcomesWaiting: Int = 0, metersOverdue: Int = 0,
        requestDuration: DurationHistogram? = nil, commitDuration: DurationHistogram? = nil,
        commitCPUMicroseconds: Int64? = nil
    ) {
        self.requests = requests
        self.droppedReplies = droppedReplies
        self.connections = connections
        self.requestsInFlight = requestsInFlight
        self.outcomesWaiting = outcomesWaiting
        self.metersOverdue = metersOverdue
        self.requestDuration = requestDuration
        self.commitDuration = commitDuration
        self.commitCPUMicroseconds = commitCPUMicroseconds
    }
}

extension HeadEndFigures {
    /// When what is due now will have been asked, and which gateways are last.
    package struct Forecast: Hashable, Sendable {
        package struct Line: Hashable, Sendable {
            package let gateway: String
            /// Requests that are due.
            package let requests: Int
            /// `nil` while nobody can tell: the gateway cannot be reached, or has shown no pace yet.
            package let milliseconds: Int64?

            package init(gateway: String, requests: Int, milliseconds: Int64?) {
                self.gateway = gateway
                self.requests = requests
                self.milliseconds = milliseconds
            }
        }

        /// Until the last predictable gateway is done; 0 when nothing is due.
        package var milliseconds: Int64 = 0
        /// The latest lines first, those nobody can predict before all others.
        package var latest: [Line] = []

        package init() {}
    }
}

/// How long something took, counted in buckets.
package struct DurationHistogram: Hashable, Sendable {
    package struct Bucket: Hashable, Sendable {
        /// Upper bound, inclusive.
        package let microseconds: Int64
        /// Observations in this bucket alone, not in those below it.
        package let count: Int64

        package init(microseconds: Int64, count: Int64) {
            self.microseconds = microseconds
            self.count = count
        }
    }

    /// In rising order of their bounds.
    package let buckets: [Bucket]
    /// Observations above the last bound.
    package let above: Int64
    /// Sum of all observations.
    package let sumMicroseconds: Int64

    package init(buckets: [Bucket], above: Int64, sumMicroseconds: Int64) {
        self.buckets = buckets
        self.above = above
        self.sumMicroseconds = sumMicroseconds
    }

    var samples: [MetricsText.Sample] {
        var samples: [MetricsText.Sample] = []
        var total: Int64 = 0
        for bucket in buckets {
            total += bucket.count
            let bound = MetricsText.seconds(microseconds: bucket.microseconds)
            samples.append(.init(total, ["le": bound], suffix: "_bucket"))
        }
        total += above
        samples.append(.init(total, ["le": "+Inf"], suffix: "_bucket"))
        samples.append(.init(microseconds: sumMicroseconds, suffix: "_sum"))
        samples.append(.init(total, suffix: "_count"))
        return samples
    }
}
