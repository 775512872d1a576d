import Billing
import Metering

/// Which tariff registers of the meters count which rate: a company programs its meters alike.
package struct RateRegisters: Hashable, Sendable {
    package let normal: [Register]
    package let offpeak: [Register]
    package let peak: [Register]
    /// Whether somebody has said so; else bills by rate have a note.
    package let isConfirmed: Bool

    package init(normal: [Register], offpeak: [Register], peak: [Register], isConfirmed: Bool = true) {
        self.normal = normal
        self.offpeak = offpeak
        self.peak = peak
        self.isConfirmed = isConfirmed
    }

    package subscript(rate: Rate) -> [Register] {
        switch rate {
        case .normal: normal
        case .offpeak: offpeak
        case .peak: peak
        }
    }

    /// Those that may count one.
    package static let tariffRegisters: [Register] = [
        .activeImportT1, .activeImportT2, .activeImportT3, .activeImportT4,
    ]

    /// T1 and T2 the two peaks of the day, T3 the normal hours, T4 the night: as the simulated fleets count. How the
    /// company's meters are programmed is not verified.
    package static let standard = RateRegisters(
        normal: [.activeImportT3], offpeak: [.activeImportT4], peak: [.activeImportT1, .activeImportT2],
        isConfirmed: false)

    /// e.g. `normal import_t3, offpeak import_t4, peak import_t1 import_t2`
    var words: String {
        Rate.allCases.map { rate in "\(rate.rawValue) \(self[rate].map(\.name).joined(separator: " "))" }
            .joined(separator: ", ")
    }
}
