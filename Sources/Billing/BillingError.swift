import Metering

/// Why a bill cannot be made, sorted by who must act.
package enum BillingError: Error, Hashable, Sendable {
    // The one who asks.
    /// No prices for this category in any tariff file.
    case unknownCategory(String, known: [String])
    /// No decision of this number waits for a price change.
    case notAnnounced(String, known: [String])
    case kwhOutOfRange(Int64)
    case householdsOutOfRange(hundredths: Int)
    /// An index was given for a day on which no price changes.
    case notAChangeDay(ServiceDay, changeDays: [ServiceDay])
    /// `kwhBeforeChange` needs exactly one price change in the period.
    case changeNotUnique(period: BillingPeriod, changeDays: [ServiceDay])
    /// Two different kWh for the same change day.
    case changeGivenTwice(ServiceDay, kwhBeforeChange: Int64, kwhAtChange: Int64)
    /// kWh by rate, and kWh up to a change without them.
    case changeWithoutRates(ServiceDay)
    case ratesDoNotAddUp(kwh: Int64, rated: RatedKWh)
    case kvarhOutOfRange(Int64)
    /// Shares of purposes, as text.
    case sharesNotWhole(String)
    /// kWh up to a change lie outside 0...kWh of the period, or below those of an earlier change.
    case kwhAtChangeOutOfRange(ServiceDay, kwh: Int64, allowed: ClosedRange<Int64>)
    // The keeper of the tariff files.
    /// The period reaches back before the first decision, or that decision has no price for this category.
    case noPrice(category: String, day: ServiceDay)
    case noVATRate(day: ServiceDay)
    /// It is from memory only, and nothing that was read bears it out.
    case priceNotVerified(category: String, decision: String)
}

extension BillingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownCategory(let category, let known):
            return
                "category \"\(category)\" has no prices in the tariff files; known are \(known.joined(separator: ", "))"
        case .notAnnounced(let number, let known):
            return "no decision \(number) is published and not yet in force; "
                + (known.isEmpty ? "none is" : "known are \(known.joined(separator: ", "))")
        case .kwhOutOfRange(let kwh):
            return "\(kwh) kWh: give whole kWh from 0 to \(BillRequest.kwhMax)"
        case .householdsOutOfRange(let hundredths):
            return "\(hundredths) hundredths of a household: give 1 to \(BillRequest.householdHundredthsMax)"
        case .notAChangeDay(let day, let changeDays):
            return "no price changes on \(day); \(Self.list(changeDays))"
        case .changeNotUnique(let period, let changeDays):
            return "kWh before the price change were given for \(period), but \(Self.list(changeDays)); "
                + (changeDays.isEmpty ? "leave them out" : "give the kWh up to each change day")
        case .changeGivenTwice(let day, let before, let at):
            return "kWh up to the price change on \(day) were given twice, \(before) and \(at); give one"
        case .kwhAtChangeOutOfRange(let day, let kwh, let allowed):
            return "\(kwh) kWh up to the price change on \(day): "
                + "must lie from \(allowed.lowerBound) to \(allowed.upperBound) kWh"
        case .noPrice(let category, let day):
            return "the tariff files have no \(category) price for \(day); add the decision in force on that day"
        case .changeWithoutRates(let day):
            return "kWh up to the price change on \(day) were given, but not by rate; give normal, off-peak and peak"
        case .ratesDoNotAddUp(let kwh, let rated):
            return "\(rated.normal) normal + \(rated.offpeak) off-peak + \(rated.peak) peak are \(rated.sum) kWh, "
                + "not \(kwh)"
        case .kvarhOutOfRange(let kvarh):
            return "\(kvarh) kvarh: give whole kvarh from 0 to \(BillRequest.kwhMax)"
        case .sharesNotWhole(let text):
            return "shares \"\(text)\": give two or more categories with whole per cents that add up to 100"
        case .priceNotVerified(let category, let decision):
            return
                "the \(category) prices of \(decision) are from memory and not verified; correct the decision's file, "
                + "or set billing.unverified_prices (--unverified-prices) to use them: bills then say so"
        case .noVATRate(let day):
            return "the tariff files have no VAT rate for \(day); add it to vat_rates"
        }
    }

    private static func list(_ changeDays: [ServiceDay]) -> String {
        if changeDays.isEmpty { return "the period has no price change" }
        return "the period's price changes are on \(changeDays.map(\.description).joined(separator: ", "))"
    }
}
