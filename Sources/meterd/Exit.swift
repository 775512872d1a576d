import ArgumentParser
import Foundation
import Metering
import Store

/// sysexits.h codes of design §5.
enum Exit {
    static let data: Int32 = 65
    static let configuration: Int32 = 78
}

/// Prints every fault on standard error and ends with the code.
func refuse(_ faults: InputFaults, code: Int32) -> ExitCode {
    for fault in faults.faults { complain(fault.description) }
    return ExitCode(code)
}

func complain(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}

/// Standard output without a line end of its own; documents bring theirs.
func output(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}

extension ServiceDay: ExpressibleByArgument {
    package init?(argument: String) { self.init(iso: argument) }
}

extension Register: ExpressibleByArgument {
    package init?(argument: String) { self.init(name: argument) }
    package static var allValueStrings: [String] { allCases.map(\.name) }
    package var defaultValueDescription: String { name }
}

extension StoreError {
    /// The one who asks must change what was asked, not the operator the machine: exit 65.
    var isAboutData: Bool {
        switch self {
        case .registryRefused, .unknownUsagePoint, .nothingInService, .noIndex, .indexRefused: true
        default: false
        }
    }
}
