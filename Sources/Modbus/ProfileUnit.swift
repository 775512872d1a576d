import Metering

/// Units a profile may write, and the unit each is printed in.
struct ProfileUnit {
    let printed: String
    /// Thousandths of the printed unit.
    let thousandths: Int64

    private static let known: [String: ProfileUnit] = [
        "Wh": ProfileUnit(printed: "kWh", thousandths: 1),
        "kWh": ProfileUnit(printed: "kWh", thousandths: 1000),
        "MWh": ProfileUnit(printed: "kWh", thousandths: 1_000_000),
        "varh": ProfileUnit(printed: "kvarh", thousandths: 1),
        "kvarh": ProfileUnit(printed: "kvarh", thousandths: 1000),
        "Mvarh": ProfileUnit(printed: "kvarh", thousandths: 1_000_000),
        "V": ProfileUnit(printed: "V", thousandths: 1000),
        "kV": ProfileUnit(printed: "V", thousandths: 1_000_000),
        "mA": ProfileUnit(printed: "A", thousandths: 1),
        "A": ProfileUnit(printed: "A", thousandths: 1000),
        "W": ProfileUnit(printed: "W", thousandths: 1000),
        "kW": ProfileUnit(printed: "W", thousandths: 1_000_000),
        "var": ProfileUnit(printed: "var", thousandths: 1000),
        "kvar": ProfileUnit(printed: "var", thousandths: 1_000_000),
        "VA": ProfileUnit(printed: "VA", thousandths: 1000),
        "kVA": ProfileUnit(printed: "VA", thousandths: 1_000_000),
        "Hz": ProfileUnit(printed: "Hz", thousandths: 1000),
        "h": ProfileUnit(printed: "h", thousandths: 1000),
        "ratio": ProfileUnit(printed: "ratio", thousandths: 1000),
    ]

    static let names = known.keys.sorted().joined(separator: ", ")

    /// The unit a register's dial is printed in.
    static func printed(for register: Register) -> String {
        switch register {
        case .reactiveImport, .reactiveExport: "kvarh"
        case .activeImport, .activeExport, .activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4: "kWh"
        }
    }

    /// Parses `0.01 kWh`: a plain decimal above zero, blanks, a unit. Exact; `nil` for anything else.
    static func amount(_ text: String) -> (scale: Scale, printed: String)? {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let unit = known[String(parts[1])] else { return nil }
        let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(number.count), number.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }),
            number[0].count <= 6, number.count == 1 || number[1].count <= 9,
            let digits = Int64(number.joined())
        else { return nil }
        let places = number.count == 2 ? number[1].count : 0
        let denominator = (0..<places).reduce(Int64(1)) { power, _ in power * 10 }
        // At most 15 digits times 10⁶ would overflow; a scale that large is no meter's.
        let (numerator, overflow) = digits.multipliedReportingOverflow(by: unit.thousandths)
        guard !overflow, let scale = Scale(numerator: numerator, denominator: denominator) else { return nil }
        return (scale, unit.printed)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
