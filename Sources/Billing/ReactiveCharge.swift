/// What a low power factor adds to the bill (tiền công suất phản kháng, TT 15/2014/TT-BCT).
///
/// ```
/// cos φ = A / √(A² + Q²)              rounded to hundredths      A kWh, Q kvarh of the period
/// k     = (0.9 / cos φ − 1) × 100 %   rounded to hundredths      0 from 0.90 on; below 0.60 that of 0.59
/// Tq    = Ta × k                      rounded to the dong        Ta: the energy's amount before VAT
/// ```
/// The formula gives every row of the circular's table. The rounding of cos φ, and who pays, are not verified.
package struct ReactiveCharge: Hashable, Sendable {
    package static let instrument = "TT 15/2014/TT-BCT"

    /// 0...`BillRequest.kwhMax`
    package let kvarh: Int64
    /// 0...100
    package let powerFactorHundredths: Int
    /// Hundredths of a per cent of the energy's amount, 0...5254.
    package let percentHundredths: Int
    package let amount: Money

    init(kvarh: Int64, kwh: Int64, energyAmount: Money) {
        self.kvarh = kvarh
        powerFactorHundredths = Self.powerFactorHundredths(kwh: kwh, kvarh: kvarh)
        percentHundredths = Self.percentHundredths(powerFactorHundredths: powerFactorHundredths)
        amount = Money(dong: (energyAmount.dong * Int64(percentHundredths)).quotientRoundedHalfAway(by: 10_000))
    }

    /// 100 where nothing was used: there is nothing to complain of.
    static func powerFactorHundredths(kwh: Int64, kvarh: Int64) -> Int {
        guard kvarh > 0 else { return 100 }
        // Whole numbers throughout: c rounds A/S where (2c − 1)/200 ≤ A/S, that is (2c − 1)² S² ≤ (200 A)².
        let (active, apparentSquared) = (Int128(kwh), Int128(kwh) * Int128(kwh) + Int128(kvarh) * Int128(kvarh))
        var hundredths: Int128 = 100
        while hundredths > 0, (2 * hundredths - 1) * (2 * hundredths - 1) * apparentSquared > 40_000 * active * active {
            hundredths -= 1
        }
        return Int(hundredths)
    }

    static func percentHundredths(powerFactorHundredths: Int) -> Int {
        guard powerFactorHundredths < 90 else { return 0 }
        return Int(Int64(900_000).quotientRoundedHalfAway(by: Int64(max(59, powerFactorHundredths)))) - 10_000
    }
}
