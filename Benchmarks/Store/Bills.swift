import ArgumentParser
import Billing
import Foundation
import Metering
import Store

/// What billing everybody of a full store takes: a first run, the same once more, and one after a hundredth of the
/// meters has shown another day; then rating alone.
struct Bills: ParsableCommand {
    @OptionGroup var place: Place

    func run() throws {
        let field = try Field(place, place.store())
        let tariffs = try TariffBook.load(folder: nil)
        var asOf = Truth.last
        while asOf.civil.day != 21 { asOf = asOf.previous }
        try field.bill(asOf, tariffs, "first")
        try field.bill(asOf, tariffs, "again")
        try field.correct(oneOf: 100, on: asOf)
        try field.bill(asOf, tariffs, "corrected")
        try field.report.line("peak", ["megabytes": Double(Effort.peakMegabytes())])
        try field.rate(tariffs)
        try field.store.close()
    }
}

extension Field {
    fileprivate func bill(_ asOf: ServiceDay, _ tariffs: TariffBook, _ kind: String) throws {
        var effort = Effort()
        let (run, districts) = try effort.measure {
            try store.runBills(asOf: asOf, tariffs: tariffs, at: calendar.start(of: asOf) + .hours(7))
        }
        try report.line(
            "bills", of: ["asOf": "\(asOf)", "kind": kind],
            effort.numbers.merging([
                "billed": Double(run.billed), "refused": Double(run.refused), "changed": Double(run.changed),
                "kwh": Double(districts.reduce(0) { $0 + $1.kwh }),
            ]) { $1 })
    }

    /// A person's word of a day, by which the dial stood a kWh higher.
    fileprivate func correct(oneOf many: Int, on day: ServiceDay) throws {
        var count = 0
        for meter in stride(from: 0, to: province.meters, by: many) {
            let name = Province.usagePoint(of: meter)
            guard
                let index = try store.dailyIndices(usagePoint: name, register: .activeImport, from: day, through: day)
                    .first
            else { continue }
            try store.edit(
                usagePoint: name, register: .activeImport, day: day, index: index.index.index + Energy(wattHours: 1000),
                reason: "bench", by: "bench", at: calendar.start(of: day) + .hours(300))
            count += 1
        }
        try report.line("corrected", ["indices": Double(count)])
    }

    /// Rating alone, of made-up kWh.
    fileprivate func rate(_ tariffs: TariffBook) throws {
        var random = SeededRandom(seed: 5)
        guard let period = BillingPeriod(from: Truth.day("2025-11-01"), through: Truth.day("2025-11-30")) else {
            return
        }
        for (kind, category) in [("blocks", "residential"), ("rates", "business_lt6kv")] {
            var effort = Effort()
            var sum: Int64 = 0
            let requests = (0..<1_000_000).map { _ in
                let kwh = Int64.random(in: 0...600, using: &random)
                return BillRequest(
                    category: category, period: period, kwh: kwh,
                    rated: kind == "rates" ? RatedKWh(normal: kwh - kwh / 4, peak: kwh / 4) : nil)
            }
            try effort.measure { for request in requests { sum &+= try tariffs.amounts(request).total.dong } }
            try report.line("rating", of: ["kind": kind], effort.numbers.merging(["bills": 1_000_000]) { $1 })
            guard sum > 0 else { throw ValidationError("nothing was rated") }
        }
    }
}
