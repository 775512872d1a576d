import Metering

/// A meter model as data: where its dials lie, how they are encoded, and what it tolerates. Immutable and checked
/// whole when it is read (`init(yaml:file:)`); docs/PROFILES.md describes the file.
package struct MeterProfile: Sendable {
    /// What registry and commands call the model: `sdm630`.
    package let name: String
    /// 1 or more; raised by hand whenever a change alters what words mean.
    package let version: Int
    package let manufacturer: String
    package let model: String
    /// The document the table was checked against.
    package let manual: String
    /// How sure the table is; names what nobody has verified.
    package let evidence: String
    /// Most words this model answers in one request, 1...125.
    package let maxWords: Int
    /// The model refuses an odd start or an odd count; then every value starts and ends evenly.
    package let evenAddresses: Bool
    /// The highest power this meter can pass, in watts on its own side of the transformers.
    package let ceilingWatts: Int64
    /// Against neutral, where the meter is: 230 V. A voltage far from it shows a wrong table (`ProfileCheck`).
    package let nominalVolts: Int64
    /// Silence this model needs between an answer and the next request; the gateway may ask for more.
    package let pauseMilliseconds: Int
    /// In address order within each function. One of them is the register `import`.
    package let values: [ProfileValue]
    package let identity: Identity?
    package let frozen: FrozenDays?
    /// The energy of each day, from which indices of past midnights follow (`DayIndices`).
    package let dailyEnergies: DailyEnergies?
    /// The meter's own date and time; `nil` where it has none or nobody knows where.
    package let clock: MeterClock?
    /// The dial starts again at zero here; `nil` while nobody knows, and then a decrease is never taken for rollover.
    package let rolloverWattHours: Int64?

    package static let nominalVoltsDefault: Int64 = 230

    /// Three phases of 230 V, +10 %, 100 A.
    package static let ceilingWattsDefault: Int64 = 75_900

    /// Name and version as provenance shows them: `sdm630/1`.
    package var label: String { "\(name)/\(version)" }
}

extension MeterProfile {
    /// The dials the meter does not keep by itself at midnight; all dials where it keeps none.
    package var livePlan: ReadPlan {
        let frozen = frozen?.registers ?? []
        return ReadPlan(dials.filter { $0.register.map { !frozen.contains($0) } ?? false }, maxWords: maxWords)
    }

    /// All dials as they stand now.
    package var energyPlan: ReadPlan { ReadPlan(dials, maxWords: maxWords) }

    /// What the import register counts in, in Wh on the meter's own side of the transformers.
    package var importResolution: Energy? {
        dials.first { $0.register == .activeImport }.map { Energy(wattHours: $0.encoding.resolution) }
    }

    /// Everything, for a person who looks at one meter: identity first, then dials, voltages, frequency.
    package var fullPlan: ReadPlan {
        let identity = (identity?.blocks ?? []) + [identity?.firmwareBlock].compactMap { $0 }
        return ReadPlan(blocks: identity + ReadPlan(values, maxWords: maxWords).blocks)
    }

    private var dials: [ProfileValue] { values.filter { $0.register != nil } }
}
