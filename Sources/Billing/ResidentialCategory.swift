/// The registry's residential categories and the rule each is priced by.
enum ResidentialCategory: String, CaseIterable {
    case residential
    /// Several households behind one meter: blocks × households (TT 60/2025 Điều 12.2).
    case residentialShared = "residential_shared"
    /// Renters whose number is declared: four people are one household (Điều 12.5c).
    case residentialRenter = "residential_renter"
    /// Renters for less than a year whose number is not declared: everything at one block's price.
    case residentialRenterUndeclared = "residential_renter_undeclared"
    case residentialPrepaid = "residential_prepaid"
    /// `residential` in a period whose blocks are scaled by days.
    case residentialIrregular = "residential_irregular"
    /// `residential`; the meter was exchanged. Consumption is the sum over both, the blocks are not split.
    case residentialMeterChange = "residential_meter_change"

    enum Rule { case blocks, undeclaredRenters, prepaid }

    var rule: Rule {
        switch self {
        case .residential, .residentialShared, .residentialRenter, .residentialIrregular, .residentialMeterChange:
            .blocks
        case .residentialRenterUndeclared: .undeclaredRenters
        case .residentialPrepaid: .prepaid
        }
    }

    var isAlwaysIrregular: Bool { self == .residentialIrregular }
}
