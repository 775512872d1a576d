import Billing
import Metering
import Store

/// A provisional bill as people and programs get it: one way to write it, for commands, pages and the API.
/// A quote is a bill of given kWh; a customer's bill also says whose, how much of it was measured, from which
/// indices, how it stands beside earlier ones, and where the period is heading.
///
/// Here is the JSON; `BillText` writes it for a terminal, `BillPaper` for a page and for paper.
package struct BillDocument {
    let bill: ProvisionalBill
    let customer: CustomerBill?
    /// What more kWh would cost, where that was asked.
    package var whatIf: WhatIf?
    /// The same kWh by a decision that is published and not in force.
    package var beside: ProvisionalBill?

    package init(quote bill: ProvisionalBill) {
        self.bill = bill
        customer = nil
    }

    package init(_ customer: CustomerBill) {
        bill = customer.bill
        self.customer = customer
    }

    /// The document of design §6.3, members in that order. `notes` are not part of it: a command says them on standard
    /// error, a page below the lines.
    package var json: JSONValue {
        var json = JSONValue.members([
            "category": .string(bill.category),
            "period": .members([
                "from": .string(bill.period.from.description), "to": .string(bill.period.through.description),
            ]),
            "provisional": .bool(true), "lines": .array(bill.lines.map(Self.json)), "kwh": .integer(bill.kwh),
            "pre_vat_vnd": .integer(bill.preVAT.dong), "vat_percent": .integer(bill.vatPercent),
            "vat_vnd": .integer(bill.vat.dong), "total_vnd": .integer(bill.total.dong),
        ])
        if let customer {
            json = json.appending([
                "usage_point": .string(customer.usagePoint.name), "as_of": .string(customer.asOf.description),
            ])
            if let knownAt = customer.knownAt {
                json = json.appending(["known_at": .string(knownAt.rfc3339(offsetSeconds: 0))])
            }
            json = json.appending([
                "coverage": Self.json(customer),
                "indices": .array(customer.indices.map(Self.json)),
                "projection": .optional(customer.projection) { projection in
                    .members([
                        "to": .string(projection.to.description), "low_vnd": .integer(projection.low.dong),
                        "expected_vnd": .integer(projection.expected.dong), "high_vnd": .integer(projection.high.dong),
                    ])
                },
                "comparison": .optional(customer.comparison, Self.json),
            ])
        }
        if customer != nil || whatIf != nil, let standing = bill.standing {
            json = json.appending(["standing": Self.json(standing)])
        }
        if let whatIf { json = json.appending(["more": Self.json(whatIf)]) }
        if let beside { json = json.appending(["beside": Self.json(beside, than: bill)]) }
        return json
    }

    /// What a reader should know beside the numbers: how a price change was split, what is unverified.
    package var notes: [String] { bill.notes + (customer?.notes ?? []) }

    static func json(_ line: BillLine) -> JSONValue {
        var json = JSONValue.members([
            "kind": .string(line.kind.rawValue), "from": .string(line.from.description),
            "to": .string(line.through.description), "decision": .string(line.decision),
        ])
        if let category = line.category { json = json.appending(["category": .string(category)]) }
        if let block = line.block { json = json.appending(["block": .integer(block)]) }
        if let rate = line.rate { json = json.appending(["rate": .string(rate.rawValue)]) }
        if line.kind == .energy {
            json = json.appending([
                "kwh": .integer(line.kwh), "unit_price_vnd": .integer(line.unitPrice.dong),
            ])
        }
        if let percent = line.percent { json = json.appending(["percent": .integer(percent)]) }
        if let reactive = line.reactive {
            json = json.appending([
                "kvarh": .integer(reactive.kvarh),
                "power_factor": .string(Self.decimal(hundredths: reactive.powerFactorHundredths)),
                "percent": .string(Self.decimal(hundredths: reactive.percentHundredths)),
            ])
        }
        return json.appending(["amount_vnd": .integer(line.amount.dong)])
    }

    /// Members `projected` and `projected_by` where the bill counts missing days so, and `without_meter` where the
    /// period has such days, which are none of its `days`.
    private static func json(_ customer: CustomerBill) -> JSONValue {
        let coverage = customer.coverage
        var json = JSONValue.members([
            "days": .integer(coverage.days), "measured": .integer(coverage.measured),
            "estimated": .integer(coverage.estimated), "missing": .integer(coverage.missing),
        ])
        if coverage.projected > 0 {
            json = json.appending([
                "projected": .integer(coverage.projected),
                "projected_by": .array(
                    customer.projections.map { part in
                        .members([
                            "method": .string(part.method.rawValue), "quality_code": .integer(part.method.espiCode),
                            "days": .integer(part.days), "energy_wh": .integer(part.energy.wattHours),
                        ])
                    }),
            ])
        }
        guard coverage.withoutMeter > 0 else { return json }
        return json.appending(["without_meter": .integer(coverage.withoutMeter)])
    }

    /// A member `cause` where the index is not the one that was known first: why a bill made now is another.
    private static func json(_ used: CustomerBill.UsedIndex) -> JSONValue {
        let json = JSONValue.members([
            "register": .string(used.register.name), "meter": .string(used.serial),
            "day": .string(used.index.day.description), "index_wh": .integer(used.index.index.wattHours),
            "quality": .string(used.index.quality.name), "revision": .integer(used.index.revision),
        ])
        return used.cause.map { json.appending(["cause": IndexRevisionsDocument.json($0)]) } ?? json
    }

    private static func json(_ comparison: BillComparison) -> JSONValue {
        func json(_ earlier: BillComparison.Earlier) -> JSONValue {
            .members([
                "from": .string(earlier.period.from.description), "to": .string(earlier.period.through.description),
                "kwh": .optional(earlier.kwh, JSONValue.integer),
                "total_vnd": .optional(earlier.total) { .integer($0.dong) },
                "same_days_kwh": .optional(earlier.kwhOfSameDays, JSONValue.integer),
            ])
        }
        return .members([
            "same_days": .integer(comparison.sameDays), "previous": .optional(comparison.previous, json),
            "year_before": .optional(comparison.yearBefore, json),
        ])
    }
}
