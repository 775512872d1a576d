/// One thing wrong with what a person gave us: where it stands, what it says, and what would be right.
/// Input is checked whole, and all its faults are reported together.
package struct InputFault: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// 1-based; 0 where the fault belongs to no line.
    package let line: Int
    /// Column or key, e.g. `head_end.cadence`.
    package let field: String
    package let value: String
    /// What is wrong and what would be right, as one sentence without a full stop.
    package let remedy: String

    package init(file: String, line: Int = 0, field: String, value: String, remedy: String) {
        self.file = file
        self.line = line
        self.field = field
        self.value = value
        self.remedy = remedy
    }

    /// `meters.csv:17: multiplier "0": must be 1 or more`
    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        let shown = value.isEmpty ? "" : "\"\(value)\""
        let subject = [field, shown].filter { !$0.isEmpty }.joined(separator: " ")
        return [place, subject, remedy].filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// All faults of one input.
package struct InputFaults: Error, Sendable, CustomStringConvertible {
    package let faults: [InputFault]
    package init(_ faults: [InputFault]) { self.faults = faults }
    package var description: String { faults.map(\.description).joined(separator: "\n") }
}
