import Billing
import Metering
import Store

/// A bill adds up: its lines to its kWh, its kWh to the indices it names, its coverage to the days, and where those
/// indices are the dial's own it is the bill that the true dial gives, to the dong.
package struct BillCheck: Check {
    package let name = "bill"

    package init() {}

    package func faults(in evidence: Evidence) throws -> [String] {
        var faults: [String] = []
        for usagePoint in evidence.world.usagePoints {
            for asOf in [evidence.lastDay, evidence.lastDay - 9] {
                do {
                    let bill = try evidence.store.provisionalBill(
                        usagePoint: usagePoint.name, asOf: asOf, tariffs: evidence.tariffs)
                    faults += try self.faults(in: bill, of: usagePoint, evidence).map {
                        "\(usagePoint.name) as of \(asOf): \($0)"
                    }
                } catch let error as BillingError {
                    let known = try evidence.store.dailyIndices(
                        usagePoint: usagePoint.name, register: .activeImport, from: asOf - 40, through: asOf)
                    let told = known.map { "\($0.serial) \($0.day) \($0.index.index) \($0.index.quality.name)" }
                    faults.append("\(usagePoint.name) as of \(asOf): \(error); \(told.joined(separator: ", "))")
                } catch StoreError.noIndex(_, let from, let through) {
                    let known = try evidence.store.dailyIndices(
                        usagePoint: usagePoint.name, register: .activeImport, from: from, through: through)
                    if !known.isEmpty { faults.append("\(usagePoint.name) as of \(asOf): no bill, yet an index") }
                }
            }
        }
        return faults
    }

    private func faults(
        in customer: CustomerBill, of usagePoint: UsagePoint, _ evidence: Evidence
    ) throws -> [String] {
        var faults: [String] = []
        func expect(_ left: Int64, _ right: Int64, _ what: String) {
            if left != right { faults.append("\(what): \(left), not \(right)") }
        }
        let bill = customer.bill
        expect(bill.lines.reduce(0) { $0 + $1.kwh }, bill.kwh, "kWh of its lines")
        expect(bill.lines.reduce(0) { $0 + $1.amount.dong }, bill.preVAT.dong, "dong of its lines")
        expect((bill.preVAT + bill.vat).dong, bill.total.dong, "dong with VAT")

        var energy: Int64 = 0
        var isExact = true
        var change: [ServiceDay: Energy] = [:]
        for (serial, indices) in Dictionary(grouping: customer.indices, by: \.serial) {
            guard let meter = evidence.truth.meters.first(where: { $0.installation.serial == serial }),
                let start = indices.first?.index, let end = indices.last?.index
            else { return ["no indices of a meter \(serial)"] }
            energy += (end.index - start.index).wattHours * meter.installation.multiplier
            for used in indices {
                let truth = evidence.truth.index(of: meter.id, .activeImport, on: used.index.day)
                isExact = isExact && truth == used.index.index && used.index.quality != .edited
                if used.index.day != start.day, used.index.day != end.day {
                    change[used.index.day] = (used.index.index - start.index) * meter.installation.multiplier
                }
            }
        }
        // A bill is of whole kWh, rounded down once.
        expect(bill.kwh, energy.flooredQuotient(by: 1000), "kWh between its indices")
        faults += try coverage(of: customer, usagePoint, evidence)
        let serials = Set(customer.indices.map(\.serial))
        guard isExact, serials.count == 1 else { return faults }
        let ordinary = BillingPeriod.containing(customer.asOf.previous, readingDay: usagePoint.readingDay)
        // What is known only from a later day on was all used at the price of that day.
        let start = customer.indices.first?.index.day ?? customer.asOf
        for day in evidence.tariffs.changeDays(in: bill.period, category: usagePoint.category) where day <= start {
            change[day] = .zero
        }
        let own = try evidence.tariffs.bill(
            BillRequest(
                category: usagePoint.category, period: bill.period, consumption: Energy(wattHours: energy),
                consumptionAtChanges: change, householdHundredths: usagePoint.householdHundredths,
                isIrregular: customer.period != ordinary, periodEnd: customer.period.through))
        if own.lines != bill.lines || own.total != bill.total {
            faults.append("the true dial's bill is \(own.total.dong) dong, this one \(bill.total.dong)")
        }
        return faults
    }

    private func coverage(
        of customer: CustomerBill, _ usagePoint: UsagePoint, _ evidence: Evidence
    ) throws -> [String] {
        let found = customer.coverage
        guard found.days == found.measured + found.estimated + found.missing else {
            return ["its coverage of \(found.days) days does not add up"]
        }
        let days = try evidence.store.dailyIndices(
            usagePoint: usagePoint.name, register: .activeImport, from: customer.period.from, through: customer.asOf)
        let covered = Set(days.filter { $0.consumption != nil && $0.day < customer.asOf }.map(\.day))
        let all = max(0, customer.asOf - customer.period.from)
        var faults: [String] = []
        if found.days != min(all, customer.period.days) || found.missing != found.days - covered.count {
            faults.append(
                "it says \(found.missing) of \(found.days) days are missing, but \(covered.count) of \(all) are known")
        }
        let measured = covered.count { day in
            [day, day.next].allSatisfy { edge in
                days.contains { $0.day == edge && $0.index.quality.isMeasured }
            }
        }
        if found.measured > measured {
            faults.append("it says \(found.measured) days are measured, but \(measured) have measured indices")
        }
        return faults
    }
}
