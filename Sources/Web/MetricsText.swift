/// The Prometheus text format 0.0.4, built so that it cannot be malformed: a family brings its HELP and TYPE, its
/// samples stay together, and no family or label set may come twice.
package struct MetricsText {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package struct Sample {
        package let labels: KeyValuePairs<String, String>
        /// Decimal text, so that no sample passes through floating point here.
        package let value: String
        package let suffix: String

        package init(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:], suffix: String = "") {
            self.labels = labels
            self.value = String(value)
            self.suffix = suffix
        }

        /// A count of microseconds, written in seconds.
        package init(
            microseconds: Int64, _ labels: KeyValuePairs<String, String> = [:], suffix: String = ""
        ) {
            self.labels = labels
            value = MetricsText.seconds(microseconds: microseconds)
            self.suffix = suffix
        }
    }

    package private(set) var text = ""
    private var families: Set<String> = []

    package init() {}

    package mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        precondition(families.insert(name).inserted, "metric family \(name) must be written once, with all its samples")
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
        var written: Set<String> = []
        for sample in samples {
            let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\"" }
            let series = name + sample.suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}")
            // Two names that differ in their bytes only are one label to a scraper's eye: the first stands.
            guard written.insert(series).inserted else { continue }
            text += "\(series) \(sample.value)\n"
        }
    }

    /// `1.5` for 1,500,000 µs.
    package static func seconds(microseconds: Int64) -> String {
        let magnitude = microseconds.magnitude
        let sign = microseconds < 0 ? "-" : ""
        guard magnitude % 1_000_000 > 0 else { return "\(sign)\(magnitude / 1_000_000)" }
        let digits = String(magnitude % 1_000_000)
        var fraction = String(repeating: "0", count: 6 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(magnitude / 1_000_000).\(fraction)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
