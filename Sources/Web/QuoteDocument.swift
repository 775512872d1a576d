import Billing

/// What a quote says beside its bill: what more kWh would cost, and what another decision would make of the same.
extension BillDocument {
    static func json(_ standing: BlockStanding) -> JSONValue {
        .members([
            "block": .integer(standing.block), "unit_price_vnd": .integer(standing.price.dong),
            "kwh_left": .optional(standing.kwhLeft) { .integer($0) },
            "next_unit_price_vnd": .optional(standing.nextPrice) { .integer($0.dong) },
        ])
    }

    /// `588` is `5.88`.
    static func decimal(hundredths: Int) -> String {
        "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    static func json(_ whatIf: WhatIf) -> JSONValue {
        .members([
            "kwh": .integer(whatIf.kwh), "total_vnd": .integer(whatIf.total.dong),
            "then_total_vnd": .integer(whatIf.then.total.dong),
            "lines": .array(
                whatIf.added.map { line, kwh in
                    var json = JSONValue.members(["decision": .string(line.decision)])
                    if let block = line.block { json = json.appending(["block": .integer(block)]) }
                    if let rate = line.rate { json = json.appending(["rate": .string(rate.rawValue)]) }
                    return json.appending([
                        "kwh": .integer(kwh), "unit_price_vnd": .integer(line.unitPrice.dong),
                        "amount_vnd": .integer((line.unitPrice * kwh).dong),
                    ])
                }),
        ])
    }

    /// Another bill over the same kWh, with the difference to this one.
    static func json(_ other: ProvisionalBill, than bill: ProvisionalBill) -> JSONValue {
        .members([
            "in_force": .bool(false), "decision": .string(other.lines.first?.decision ?? ""),
            "lines": .array(other.lines.map(json)), "pre_vat_vnd": .integer(other.preVAT.dong),
            "vat_percent": .integer(other.vatPercent), "vat_vnd": .integer(other.vat.dong),
            "total_vnd": .integer(other.total.dong), "difference_vnd": .integer((other.total - bill.total).dong),
        ])
    }
}
