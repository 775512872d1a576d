/// A metering register: one quantity that a meter accumulates. Not a 16-bit Modbus cell; that is a word.
/// Raw values are stored: never renumber.
package enum Register: UInt8, CaseIterable, Hashable, Sendable {
    case activeImport = 1
    case activeExport = 2
    case activeImportT1 = 3
    case activeImportT2 = 4
    case activeImportT3 = 5
    case activeImportT4 = 6
    case reactiveImport = 7
    case reactiveExport = 8

    /// The name used in files, commands and feeds (design §6.1).
    package var name: String {
        switch self {
        case .activeImport: "import"
        case .activeExport: "export"
        case .activeImportT1: "import_t1"
        case .activeImportT2: "import_t2"
        case .activeImportT3: "import_t3"
        case .activeImportT4: "import_t4"
        case .reactiveImport: "reactive_import"
        case .reactiveExport: "reactive_export"
        }
    }

    /// OBIS code (IEC 62056-61): 1.8.n active energy taken, 2.8.0 delivered, 3.8.0 and 4.8.0 reactive.
    package var obis: String {
        switch self {
        case .activeImport: "1-0:1.8.0"
        case .activeExport: "1-0:2.8.0"
        case .activeImportT1: "1-0:1.8.1"
        case .activeImportT2: "1-0:1.8.2"
        case .activeImportT3: "1-0:1.8.3"
        case .activeImportT4: "1-0:1.8.4"
        case .reactiveImport: "1-0:3.8.0"
        case .reactiveExport: "1-0:4.8.0"
        }
    }

    package init?(name: String) {
        guard let register = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = register
    }

    package static var names: String { allCases.map(\.name).joined(separator: ", ") }
}
