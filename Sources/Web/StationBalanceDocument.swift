import Metering
import Store

/// What stations lost: all of a day, or one over some days.
package struct StationBalanceDocument {
    private let days: [StationDay]
    /// Thousandths of what came in that may be estimated for the loss to be told as a part of it.
    private let estimatedMost: Int64

    /// - Parameter days: in the order in which they are shown.
    package init(_ days: [StationDay], estimatedMost: Int64) {
        self.days = days
        self.estimatedMost = estimatedMost
    }

    package var json: JSONValue {
        .members([
            "estimated_most_thousandths": .integer(estimatedMost),
            "balances": .array(
                days.map { one in
                    let balance = one.balance
                    return .members([
                        "day": .string(one.day.description), "station": .string(one.station),
                        "loss_wh": .optional(balance.loss) { .integer($0.wattHours) },
                        "loss_thousandths": .optional(thousandths(one)) { .integer($0) },
                        "input_wh": .integer(balance.input.wattHours),
                        "returned_wh": .integer(balance.returned.wattHours),
                        "generated_wh": .integer(balance.generated.wattHours),
                        "supplied_wh": .integer(balance.supplied.wattHours),
                        "estimated_wh": .integer(balance.estimated.wattHours),
                        "estimated_thousandths": .optional(balance.estimatedThousandths) { .integer($0) },
                        "station_meters": .integer(balance.stationMeters),
                        "station_meters_unknown": .integer(balance.unknownStationMeters),
                        "customers": .integer(balance.customers),
                        "customers_unknown": .integer(balance.unknownCustomers),
                    ])
                }),
        ])
    }

    package var csv: String {
        "day,station,loss_wh,loss_thousandths,input_wh,returned_wh,generated_wh,supplied_wh,estimated_wh,"
            + "estimated_thousandths,station_meters,station_meters_unknown,customers,customers_unknown\n"
            + days.map { one in
                let balance = one.balance
                let numbers: [Int64?] = [
                    balance.loss?.wattHours, thousandths(one), balance.input.wattHours, balance.returned.wattHours,
                    balance.generated.wattHours, balance.supplied.wattHours, balance.estimated.wattHours,
                    balance.estimatedThousandths, Int64(balance.stationMeters), Int64(balance.unknownStationMeters),
                    Int64(balance.customers), Int64(balance.unknownCustomers),
                ]
                return CSV.line([one.day.description, one.station] + numbers.map { $0.map { String($0) } ?? "" })
            }.joined()
    }

    /// For a terminal.
    package var text: String {
        guard !days.isEmpty else { return "no balance\n" }
        var table = TextTable([.left, .left, .right, .right, .right, .right, .right, .right, .right, .left])
        table.add([
            "day", "station", "loss kWh", "loss", "in", "generated", "supplied", "estimated", "customers", "",
        ])
        for one in days {
            let balance = one.balance
            table.add([
                one.day.description, one.station, balance.loss?.kilowattHours ?? "",
                thousandths(one).map(Self.percent) ?? "", (balance.input - balance.returned).kilowattHours,
                balance.generated.kilowattHours, balance.supplied.kilowattHours,
                balance.estimatedThousandths.map(Self.percent) ?? "", String(balance.customers), remark(one),
            ])
        }
        return table.text()
    }

    private func thousandths(_ one: StationDay) -> Int64? {
        one.balance.lossThousandths(estimatedMost: estimatedMost)
    }

    /// Why there is no loss, or why it is not told as a part; and what a negative one says.
    private func remark(_ one: StationDay) -> String {
        let balance = one.balance
        guard let loss = balance.loss else {
            let own = balance.unknownStationMeters > 0 ? ["the station's own meter is not known"] : []
            let customers = balance.unknownCustomers > 0 ? ["\(balance.unknownCustomers) customers are not known"] : []
            return (own + customers).joined(separator: ", ")
        }
        if let estimated = balance.estimatedThousandths, estimated > estimatedMost {
            return "more than \(Self.percent(estimatedMost)) is estimated"
        }
        return loss < .zero ? "below zero: an assignment, a multiplier or a meter is wrong" : ""
    }

    private static func percent(_ thousandths: Int64) -> String {
        let magnitude = thousandths.magnitude
        return "\(thousandths < 0 ? "-" : "")\(magnitude / 10).\(magnitude % 10) %"
    }
}
