import Metering

/// All that a provisional bill depends on besides the tariff files.
///
/// kWh are whole numbers, as on every issued bill. What a smart meter knows in Wh is made whole twice, and only here
/// (`init(category:period:consumption:…)`): the consumption of the whole period is rounded **down** to whole kWh, and
/// the part before a price change is rounded **half up**, at most to the whole; the rest belongs to the new price.
/// So the parts always add up to the billed kWh. Where each rate has a register of its own, this holds for each.
package struct BillRequest: Hashable, Sendable {
    /// A tariff category of the registry, e.g. `residential_shared`.
    package var category: String
    package var period: BillingPeriod
    /// Last day of the whole period where `period` ends earlier because the bill is of the days so far. It decides the
    /// VAT rate and what an irregular period's blocks are scaled to. Never before `period.through`.
    package var periodEnd: ServiceDay
    /// Whole kWh consumed in the whole period, 0...`kwhMax`; over several meters their sum, multiplier applied.
    package var kwh: Int64
    /// Whole kWh from the period's start to 00:00 of its only price-change day, where that index is known.
    /// `nil`: the kWh are split by days.
    package var kwhBeforeChange: Int64?
    /// The same for periods with several changes: kWh from the period's start to 00:00 of each change day whose index
    /// is known. Changes without an entry are split by days between their known neighbours.
    package var kwhAtChanges: [ServiceDay: Int64]
    /// `kwh` by rate; their sum is `kwh`. `nil` for a customer without three-price metering: where the category's
    /// prices are by rate, all is at the normal one. A category whose prices know no hours does not look at it.
    package var rated: RatedKWh?
    /// `kwhAtChanges` by rate.
    package var ratedAtChanges: [ServiceDay: RatedKWh]
    /// Reactive energy of the period, 0...`kwhMax`; `nil` where the customer is not charged for it.
    package var kvarh: Int64?
    /// Households that share the blocks, in hundredths: 1.5 households are 150. 1...`householdHundredthsMax`.
    package var householdHundredths: Int
    /// Whether the blocks are scaled by days: first or last bill of a contract, agreed change of the reading day.
    /// An ordinary monthly period is not, whatever its 28 to 31 days.
    package var isIrregular: Bool
    /// Days of the whole period on which there was no meter. They bring no blocks, and where the kWh up to a price
    /// change are split by days, they had none.
    package var daysWithoutMeter: DaysWithoutMeter
    /// The purposes of a mixed contract, whose shares of the kWh are priced by their own categories instead of
    /// `category`; empty, or `PurposeShare.areWhole`.
    package var shares: [PurposeShare]

    /// Far above any meter, low enough that no product of a rule leaves 64 bits.
    package static let kwhMax: Int64 = 1_000_000_000
    /// 100,000 households behind one meter.
    package static let householdHundredthsMax = 10_000_000

    package init(
        category: String, period: BillingPeriod, kwh: Int64, kwhBeforeChange: Int64? = nil,
        kwhAtChanges: [ServiceDay: Int64] = [:], rated: RatedKWh? = nil, ratedAtChanges: [ServiceDay: RatedKWh] = [:],
        kvarh: Int64? = nil, householdHundredths: Int = 100, isIrregular: Bool = false,
        periodEnd: ServiceDay? = nil, daysWithoutMeter: DaysWithoutMeter = .none, shares: [PurposeShare] = []
    ) {
        self.category = category
        self.period = period
        self.periodEnd = max(period.through, periodEnd ?? period.through)
        self.kwh = kwh
        self.kwhBeforeChange = kwhBeforeChange
        self.kwhAtChanges = kwhAtChanges
        self.rated = rated
        self.ratedAtChanges = ratedAtChanges
        self.kvarh = kvarh
        self.householdHundredths = householdHundredths
        self.isIrregular = isIrregular
        self.daysWithoutMeter = daysWithoutMeter
        self.shares = shares
    }

    /// From consumption in Wh: dial differences times the multiplier, from the period's start to its end and to 00:00
    /// of each change day that has an index (`TariffBook.changeDays(in:category:)`).
    package init(
        category: String, period: BillingPeriod, consumption: Energy,
        consumptionAtChanges: [ServiceDay: Energy] = [:], householdHundredths: Int = 100, isIrregular: Bool = false,
        periodEnd: ServiceDay? = nil, daysWithoutMeter: DaysWithoutMeter = .none, shares: [PurposeShare] = []
    ) {
        self.init(
            category: category, period: period, kwh: Self.wholeKWh(consumption),
            kwhAtChanges: consumptionAtChanges.mapValues { Self.wholeKWh($0, upToChangeOf: consumption) },
            householdHundredths: householdHundredths, isIrregular: isIrregular, periodEnd: periodEnd,
            daysWithoutMeter: daysWithoutMeter, shares: shares)
    }

    /// This request by rate: `kwh` is then the sum of the rates' whole kWh.
    /// - Parameter atChanges: from the period's start to 00:00 of each change day of which that is known.
    package func rated(as energy: RatedEnergy, atChanges: [ServiceDay: RatedEnergy] = [:]) -> BillRequest {
        var request = self
        let whole = energy.wholeKWh
        request.rated = whole
        request.kwh = whole.sum
        request.kwhAtChanges = [:]
        request.ratedAtChanges = atChanges.mapValues { $0.wholeKWh(upToChangeOf: energy) }
        return request
    }

    /// The kWh that a consumption is billed as.
    package static func wholeKWh(_ consumption: Energy) -> Int64 { consumption.wattHours.flooredQuotient(by: 1000) }

    /// The kWh of the part of `consumption` that lies before a price change.
    package static func wholeKWh(_ part: Energy, upToChangeOf consumption: Energy) -> Int64 {
        let rounded = part.wattHours.quotientRoundedHalfAway(by: 1000)
        // 100.5 of 100.9 kWh would round above the billed 100. A part that is larger in truth stays and is refused by
        // the bill.
        return part <= consumption ? min(rounded, wholeKWh(consumption)) : rounded
    }
}
