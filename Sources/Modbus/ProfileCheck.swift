import Metering

/// Whether the words of a meter make sense with its profile, before its dials are believed: a wrong word order, address
/// or model shows in a frequency that no grid has. It proves nothing about a single dial; it catches the slip that
/// makes all of them wrong.
package enum ProfileCheck {
    package enum Result: Hashable, Sendable {
        case passed
        /// What cannot be, one sentence each.
        case failed([String])
        /// The profile has nothing to check, or the meter says that none of it is available.
        case nothingToCheck
    }

    /// Millihertz: every grid, and a generator that labours.
    static let frequencies: ClosedRange<Int64> = 45_000...65_000
    /// Per cent of the nominal voltage.
    static let voltages: ClosedRange<Int64> = 60...130

    /// Values that are checked: the frequency, and voltages against neutral by their names.
    static func isChecked(_ value: ProfileValue) -> Bool {
        switch value.unit {
        case "Hz": value.name == "frequency"
        case "V": ["voltage", "voltage_l1", "voltage_l2", "voltage_l3"].contains(value.name)
        default: false
        }
    }

    /// Judges what `MeterProfile.checkPlan` asked for (or any more): the decoded values of each request.
    package static func judge(_ requests: [[DecodedValue]], of profile: MeterProfile) -> Result {
        var judged = 0
        var sentences: [String] = []
        var phases: (names: [String], areDead: Bool) = ([], true)
        for decoded in requests.joined() where isChecked(decoded.value) {
            guard let thousandths = decoded.value.thousandths(in: decoded.words[...]) else { continue }
            judged += 1
            if decoded.value.unit == "V" {
                // A phase that is not wired reads 0.
                let isWired = thousandths != 0
                if isWired, !isPlausible(voltage: thousandths, nominal: profile.nominalVolts) {
                    sentences.append(sentence(decoded, voltageBounds(profile.nominalVolts)))
                }
                phases = (phases.names + [decoded.value.name], phases.areDead && !isWired)
            } else if !frequencies.contains(thousandths) {
                sentences.append(sentence(decoded, "outside 45 to 65 Hz"))
            }
        }
        if phases.areDead, !phases.names.isEmpty {
            sentences.append("no phase has a voltage: \(phases.names.joined(separator: ", "))")
        }
        for request in requests {
            guard let totals = totals(in: request) else { continue }
            judged += 1
            if let sentence = totals { sentences.append(sentence) }
        }
        if !sentences.isEmpty { return .failed(sentences) }
        return judged == 0 ? .nothingToCheck : .passed
    }

    /// A voltage against neutral, in millivolts, is one that a grid of this nominal voltage may have.
    package static func isPlausible(voltage millivolts: Int64, nominal volts: Int64) -> Bool {
        (volts * 10 * voltages.lowerBound...volts * 10 * voltages.upperBound).contains(millivolts)
    }

    /// A frequency in millihertz is one that a grid may have.
    package static func isPlausible(frequency millihertz: Int64) -> Bool { frequencies.contains(millihertz) }

    private static func voltageBounds(_ nominal: Int64) -> String {
        "outside \(nominal * voltages.lowerBound / 100) to \(nominal * voltages.upperBound / 100) V"
    }

    private static func sentence(_ decoded: DecodedValue, _ what: String) -> String {
        guard case .quantity(let number, let unit) = decoded.outcome else { return "\(decoded.value.name) is \(what)" }
        return "\(decoded.value.name) \(number) \(unit) is \(what): the word order, the address or the model is wrong"
    }

    /// The total against the sum of its tariffs, where one request read them all and all are available; else `nil`.
    /// Each was cut to its own step, so they may differ by less than all steps together.
    private static func totals(in request: [DecodedValue]) -> String?? {
        let tariffs = request.filter { $0.value.register.map(MeterProfile.tariffs.contains) ?? false }
        guard let total = request.first(where: { $0.value.register == .activeImport }), !tariffs.isEmpty,
            case .energy(let shown) = total.outcome
        else { return nil }
        var sum = Energy.zero
        var slack = total.value.encoding.resolution
        for tariff in tariffs {
            guard case .energy(let part) = tariff.outcome else { return nil }
            sum = sum + part
            slack += tariff.value.encoding.resolution
        }
        guard (shown - sum).wattHours.magnitude >= slack.magnitude else { return .some(nil) }
        return "import \(shown) is not the sum of its \(tariffs.count) tariffs, \(sum): "
            + "the address or the model is wrong"
    }
}

extension MeterProfile {
    static let tariffs: Set<Register> = [.activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4]

    /// The request for the active power as a whole; empty for a profile that has none.
    package var loadPlan: ReadPlan {
        ReadPlan(
            values.filter { $0.name == "power" && ["W", "kW"].contains($0.unit) && !$0.isOptional }, maxWords: maxWords)
    }

    /// The requests whose values `ProfileCheck` judges: frequency and voltages, and total and tariffs where one request
    /// reads all of them. Empty for a profile with nothing to check.
    package var checkPlan: ReadPlan {
        let quantities = ReadPlan(
            values.filter { ProfileCheck.isChecked($0) && !$0.isOptional }, maxWords: maxWords)
        let wanted = Set(values.compactMap(\.register)).intersection(Self.tariffs)
        let totals = energyPlan.blocks.filter { block in
            let read = Set(block.values.compactMap(\.register))
            return !wanted.isEmpty && read.contains(.activeImport) && wanted.isSubset(of: read)
        }
        return ReadPlan(blocks: quantities.blocks + totals)
    }
}

extension DecodedValue {
    /// A power in W, rounded towards zero; `nil` for any other value and for one that is not available.
    package var watts: Int64? {
        guard case .quantity = outcome, let thousandths = value.thousandths(in: words[...]) else { return nil }
        return switch value.unit {
        case "W": thousandths / 1000
        case "kW": thousandths
        default: nil
        }
    }
}
