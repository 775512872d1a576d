import ArgumentParser
import Foundation
import Metering
import Modbus
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

/// Wrong usage that only shows once profiles are read. A `ValidationError` from there would show the usage of `meterd`
/// itself, as if the command were wrong.
func noProfile(_ name: String, in library: ProfileLibrary) -> ExitCode {
    complain("no profile \(name); known are \(library.names.joined(separator: ", ")); --profiles DIR adds your own")
    return ExitCode.validationFailure
}

/// Standard output without a line end of its own; documents bring theirs.
func output(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
}

extension ServiceDay {
    /// For `transform` of an option: ArgumentParser's own refusal would not say what a day looks like.
    @Sendable static func argument(_ text: String) throws -> ServiceDay {
        guard let day = ServiceDay(iso: text) else {
            throw ValidationError("must be a day as YYYY-MM-DD, e.g. 2025-05-10")
        }
        return day
    }
}

extension Instant {
    /// For `transform` of an option.
    @Sendable static func argument(_ text: String) throws -> Instant {
        guard let instant = Instant(rfc3339: text) else {
            throw ValidationError("must be an instant with its offset, e.g. 2025-05-10T06:00:00+07:00")
        }
        return instant
    }
}

extension Register {
    /// For `transform` of an option: as an argument of its own, a register would show as the number it is stored under.
    @Sendable static func argument(_ text: String) throws -> Register {
        guard let register = Register(name: text) else { throw ValidationError("must be one of \(names)") }
        return register
    }

    static let completion = CompletionKind.list(allCases.map(\.name))
}

extension StoreError {
    /// The one who asks must change what was asked, not the operator the machine: exit 65.
    var isAboutData: Bool {
        switch self {
        case .registryRefused, .unknownUsagePoint, .nothingInService, .noIndex, .indexRefused, .actRefused,
            .noConsumption, .notBilled:
            true
        default: false
        }
    }
}
