import Metering
import Modbus

/// What every meter of one model is asked for; shared by all of them.
package final class ModelPlan: Sendable {
    /// Profile name and version, e.g. `sdm630/1`.
    package let label: String
    /// Requests that read the dial as it is now.
    package let live: [ReadBlock]
    /// The days the meter freezes itself; `nil` where it keeps none.
    package let frozen: FrozenDays?
    package let pauseMilliseconds: Int

    package init(_ profile: MeterProfile) {
        label = profile.label
        live = profile.livePlan.blocks
        frozen = profile.frozen
        pauseMilliseconds = profile.pauseMilliseconds
    }
}

/// One meter to be polled.
package struct MeterPlan: Sendable {
    package let meter: MeterID
    package let unit: UInt8
    package let model: ModelPlan
    /// CT × VT; primary-side registers are divided by it to dial units.
    package let multiplier: Int64
    /// Inclusive.
    package let installedOn: ServiceDay
    /// Exclusive.
    package let removedOn: ServiceDay?
    /// Days whose frozen index is not durable yet and should be fetched, oldest first; empty for most meters.
    package let owedDays: [ServiceDay]

    package init(
        meter: MeterID, unit: UInt8, model: ModelPlan, multiplier: Int64 = 1, installedOn: ServiceDay,
        removedOn: ServiceDay? = nil, owedDays: [ServiceDay] = []
    ) {
        self.meter = meter
        self.unit = unit
        self.model = model
        self.multiplier = multiplier
        self.installedOn = installedOn
        self.removedOn = removedOn
        self.owedDays = owedDays
    }

    func isInService(on day: ServiceDay) -> Bool { day >= installedOn && removedOn.map { day < $0 } ?? true }
}

/// One gateway with the meters behind it.
package struct GatewayPlan: Sendable {
    package let gateway: Gateway
    package let meters: [MeterPlan]

    package init(gateway: Gateway, meters: [MeterPlan]) {
        self.gateway = gateway
        self.meters = meters
    }
}

/// What a job came to, as far as the schedule cares.
package enum JobResult: Sendable {
    case done
    /// The meter answered, but does not have what was asked for: a sentinel, an empty record, exception 1 to 3.
    case notThere
    /// No answer, or a refusal: worth another try.
    case failed
}

/// One request to one meter, chosen by the schedule.
package struct PollJob: Hashable, Sendable {
    package enum Task: Hashable, Sendable {
        /// The model's live block at this position; the others follow.
        case live(block: Int)
        /// The record the meter froze for this day.
        case frozen(ServiceDay)
    }

    /// Which rhythm it belongs to, most urgent first.
    package enum Lane: Int, Comparable, Sendable {
        case midnight, backfill, daytime
        package static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }
    }

    /// Position of the meter in the gateway's plan.
    package let position: Int
    package let task: Task
    package let lane: Lane
    /// 0 for the first try.
    package let attempt: Int
}
