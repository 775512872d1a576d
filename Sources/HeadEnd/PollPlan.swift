import Metering
import Modbus

/// What every meter of one model is asked for; shared by all of them.
package final class ModelPlan: Sendable {
    /// Profile name and version, e.g. `sdm630/1`.
    package let label: String
    /// Requests that read the dials which the meter does not keep by itself at midnight.
    package let live: [ReadBlock]
    /// Requests that read every dial as it is now, for an operator who asks.
    package let dials: [ReadBlock]
    /// The days the meter freezes itself; `nil` where it keeps none.
    package let frozen: FrozenDays?
    /// The energies of days that the meter keeps instead; `nil` where it keeps none.
    package let energies: DailyEnergies?
    /// The dials those energies belong to, in one request.
    let energyDial: ReadBlock?
    package let pauseMilliseconds: Int
    let profile: MeterProfile
    /// How the meter proves what and which it is; `nil` where the profile knows no such words.
    package let identity: Identity?

    let liveRegisters: Set<Register>
    /// What a meter of this model is asked before it is believed, in this order.
    let proof: [ProofRequest]

    /// One request of a proof.
    struct ProofRequest: Sendable {
        enum Kind: Sendable {
            /// Identity words, the model's, the serial's or both. `namesModel`: what a registry with other serial
            /// numbers can still compare.
            case identity(namesModel: Bool)
            /// The firmware in a request of its own: no proof, but what is missing may depend on it.
            case firmware
            /// Says nothing for or against the meter; how far its clock is off is kept.
            case clock(MeterClock)
            /// Frequency, voltages, totals: asked once, before the first reading of a new meter counts.
            case check
            /// Says nothing for or against the meter; a dial that stands still under load is found by it.
            case load
        }

        let kind: Kind
        let range: WordRange
        let values: [ProfileValue]

        init(_ kind: Kind, _ block: ReadBlock) {
            self.kind = kind
            range = block.range
            values = block.values
        }

        init(_ clock: MeterClock) {
            kind = .clock(clock)
            range = clock.range
            values = []
        }

        func decode(_ words: [UInt16], multiplier: Int64) -> [DecodedValue] {
            values.map { value in
                let offset = Int(value.range.address - range.address)
                return value.decode(words[offset..<offset + Int(value.range.count)], multiplier: multiplier)
            }
        }

        /// A refusal says nothing against the meter.
        var isOptional: Bool {
            if case .identity = kind { return values.allSatisfy(\.isOptional) }
            return true
        }
    }

    /// Days for which the meter can still tell its index at 00:00, today's included; 0 where it keeps none.
    package var daysKept: Int { frozen?.slots ?? (energyDial == nil ? 0 : energies?.days ?? 0) }

    /// What is cheapest to ask when any answer will do.
    var lifeSign: WordRange { proof.first?.range ?? dials[0].range }

    /// - Parameter keepsTime: whether the meters keep time. Of those that do not, all dials are read live: the days
    ///   that they freeze are other days, and are only asked for to see when their clocks are right again.
    package init(_ profile: MeterProfile, keepsTime: Bool = true) {
        label = profile.label
        live = keepsTime ? profile.livePlan.blocks : profile.energyPlan.blocks
        liveRegisters = Set(live.flatMap { $0.values.compactMap(\.register) })
        let identityRequests = (profile.identity?.blocks ?? []).map { block in
            let namesModel = block.values.contains { $0 == profile.identity?.model?.value }
            return ProofRequest(.identity(namesModel: namesModel), block)
        }
        let clock = profile.clock.map { [ProofRequest($0)] } ?? []
        let firmware = profile.identity?.firmwareBlock.map { [ProofRequest(.firmware, $0)] } ?? []
        let load = profile.loadPlan.blocks.map { ProofRequest(.load, $0) }
        proof = identityRequests + firmware + clock + load + profile.checkPlan.blocks.map { ProofRequest(.check, $0) }
        self.profile = profile
        dials = profile.energyPlan.blocks
        frozen = profile.frozen
        energies = profile.dailyEnergies
        let kept = energies?.registers ?? []
        let whole = dials.first { block in
            Set(kept).isSubset(of: block.values.compactMap(\.register))
        }
        energyDial = kept.isEmpty ? nil : whole
        pauseMilliseconds = profile.pauseMilliseconds
        identity = profile.identity
    }
}

/// One meter to be polled.
package struct MeterPlan: Sendable {
    package let meter: MeterID
    package let unit: UInt8
    package let model: ModelPlan
    /// As the registry knows it; what the meter itself must show.
    package let serial: String
    /// CT × VT; primary-side registers are divided by it to dial units.
    package let multiplier: Int64
    /// Inclusive.
    package let installedOn: ServiceDay
    /// Exclusive.
    package let removedOn: ServiceDay?
    /// No index of it was ever accepted: its profile is checked against its own values first.
    package let isNew: Bool

    package init(
        meter: MeterID, unit: UInt8, model: ModelPlan, serial: String = "", multiplier: Int64 = 1,
        installedOn: ServiceDay, removedOn: ServiceDay? = nil, isNew: Bool = false
    ) {
        self.meter = meter
        self.unit = unit
        self.model = model
        self.serial = serial
        self.multiplier = multiplier
        self.installedOn = installedOn
        self.removedOn = removedOn
        self.isNew = isNew
    }

    func isInService(on day: ServiceDay) -> Bool { day >= installedOn && removedOn.map { day < $0 } ?? true }

    /// Whether `other` is asked in the same way at the same place.
    func isSame(as other: MeterPlan) -> Bool {
        meter == other.meter && unit == other.unit && model === other.model && serial == other.serial
            && multiplier == other.multiplier && installedOn == other.installedOn && removedOn == other.removedOn
    }
}

/// One gateway with the meters behind it.
package struct GatewayPlan: Sendable {
    package let gateway: Gateway
    package let meters: [MeterPlan]
    /// This gateway does not echo transaction ids; somebody has said so, and it counts as degraded (quirks §2).
    package let ignoresTransactions: Bool

    package init(gateway: Gateway, meters: [MeterPlan], ignoresTransactions: Bool = false) {
        self.gateway = gateway
        self.meters = meters
        self.ignoresTransactions = ignoresTransactions
    }
}

/// Days whose frozen index is not durable yet and should be fetched, oldest first; most meters have none.
package typealias OwedDays = [MeterID: [ServiceDay]]
