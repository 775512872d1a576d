import Metering

/// The dial of a transformer station's own meter: what the station's customers take, whatever happens to their meters,
/// and a loss beside it. Secondary-side, as any dial: before the multiplier.
package struct StationDial: Sendable {
    package static let lossThousandthsMax: Int64 = 900

    /// Of all gateways of the station; its own meter is not among them.
    private let customers: [GatewayMeters]
    /// Of what comes in.
    package let lossThousandths: Int64
    private let multiplier: Int64

    /// - Parameter lossThousandths: 0 to `lossThousandthsMax`.
    package init(customers: [GatewayMeters], lossThousandths: Int64, multiplier: Int64) {
        precondition((0...Self.lossThousandthsMax).contains(lossThousandths), "a loss is a part of what comes in")
        precondition(multiplier >= 1, "a multiplier is 1 or more")
        self.customers = customers
        self.lossThousandths = lossThousandths
        self.multiplier = multiplier
    }

    /// What customers give back counts where their meters show it; nobody could tell the rest from a loss.
    package func face(at moment: CivilMoment) -> DialFace {
        var sum = DialFace(rates: (0, 0, 0, 0), activeExport: 0, reactiveImport: 0, reactiveExport: 0)
        for meters in customers {
            for meter in meters.units.lazy.compactMap({ meters[$0] }) {
                let (face, factor) = (meter.dial.face(at: moment), meter.multiplier)
                sum.rates.t1 += face.rates.t1 * factor
                sum.rates.t2 += face.rates.t2 * factor
                sum.rates.t3 += face.rates.t3 * factor
                sum.rates.t4 += face.rates.t4 * factor
                sum.reactiveImport += face.reactiveImport * factor
                guard meter.model.finestValue(of: .activeExport) != nil else { continue }
                sum.activeExport += face.activeExport * factor
                sum.reactiveExport += face.reactiveExport * factor
            }
        }
        func taken(_ energy: Int64) -> Int64 { energy * 1000 / (1000 - lossThousandths) / multiplier }
        return DialFace(
            rates: (taken(sum.rates.t1), taken(sum.rates.t2), taken(sum.rates.t3), taken(sum.rates.t4)),
            activeExport: sum.activeExport / multiplier, reactiveImport: taken(sum.reactiveImport),
            reactiveExport: sum.reactiveExport / multiplier)
    }
}
