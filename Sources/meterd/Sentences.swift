import Metering
import Store

/// Results as sentences, for the log and the terminal.
extension RegistryChange {
    var sentence: String {
        [("gateways", gateways), ("usage points", usagePoints), ("meters", installations)]
            .map { "\($0): \($1.sentence)" }.joined(separator: "; ")
    }
}

extension RegistryChange.Counts {
    fileprivate var sentence: String {
        let parts = [
            ("added", added), ("changed", changed), ("unchanged", unchanged), ("not in the file, left", absent),
        ]
        let said = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        return said.isEmpty ? "none" : said.joined(separator: ", ")
    }
}

extension Completeness {
    /// `2025-05-01: 198 of 200 indices (67 frozen, 129 measured, 2 estimated, 2 missing)`
    var sentence: String {
        let kinds = [
            ("frozen", frozen), ("measured", measured), ("estimated", estimated), ("edited", edited),
            ("missing", missing),
        ]
        let said = kinds.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        return "\(day): \(expected - missing) of \(expected) indices" + (said.isEmpty ? "" : " (\(said))")
    }

    /// `2025-05-01 used 1234.500 kWh`, and whose sum that is where meters are missing at either end.
    func consumptionSentence(until next: Completeness) -> String {
        guard let energy = consumption(until: next) else { return "what \(day) used is not known" }
        guard missing > 0 || next.missing > 0 else { return "\(day) used \(energy)" }
        return "\(day) used \(energy) (known of \(known) of \(expected) meters at its start, "
            + "\(next.known) of \(next.expected) at its end)"
    }
}
