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
    /// Silence this model needs between an answer and the next request; the gateway may ask for more.
    package let pauseMilliseconds: Int
    /// In address order within each function. One of them is the register `import`.
    package let values: [ProfileValue]
    package let identity: Identity?
    package let frozen: FrozenDays?
    /// The dial starts again at zero here; `nil` while nobody knows, and then a decrease is never taken for rollover.
    package let rolloverWattHours: Int64?

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

    /// Everything, for a person who looks at one meter: identity first, then dials, voltages, frequency.
    package var fullPlan: ReadPlan {
        ReadPlan(blocks: (identity?.blocks ?? []) + ReadPlan(values, maxWords: maxWords).blocks)
    }

    private var dials: [ProfileValue] { values.filter { $0.register != nil } }
}

/// How a meter proves what and which it is, before its first value is stored. At least one of the two is given.
package struct Identity: Hashable, Sendable {
    package let model: ModelCheck?
    /// The serial number, as text.
    package let serial: ProfileValue?

    /// Each in a request of its own: some meters answer identity words only when asked for them alone, and their
    /// addresses may lie inside a measured value (Carlo Gavazzi EM24, 0x000B).
    package var blocks: [ReadBlock] { [model?.value, serial].compactMap { $0.map(ReadBlock.init) } }

    /// Words that name the model, and what they may be.
    package struct ModelCheck: Hashable, Sendable {
        package let value: ProfileValue
        /// At least one; each as wide as the value, in the order of the wire.
        package let expected: [[UInt16]]

        package func accepts(_ words: [UInt16]) -> Bool { expected.contains(words) }
    }

    /// Whether the serial that a meter shows is the registered one: blanks, leading zeros and case say nothing.
    package static func serialMatches(_ found: String, registered: String) -> Bool {
        func core(_ text: String) -> Substring {
            let plain = text.lowercased().filter { !$0.isWhitespace && $0 != "\0" }
            let core = plain.drop { $0 == "0" }
            return core.isEmpty ? "0" : core
        }
        return core(found) == core(registered)
    }

    /// The serial number in `words`, the whole answer to `serial`'s range; `nil` where the meter shows none.
    package func serialText(in words: [UInt16]) -> String? {
        guard let serial, case .text(let text) = serial.decode(words[...], multiplier: 1).outcome else { return nil }
        return text
    }
}
