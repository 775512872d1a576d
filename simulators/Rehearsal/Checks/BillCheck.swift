import Billing
import Metering
import Store

/// A bill adds up: its lines to its kWh, its kWh to the indices it names and the days it projects, its coverage to the
/// days, and where those indices are the dial's own, or what a fitter truly read, and none is projected, it is the bill
/// that the true dials give, to the dong.
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

        var parts: [Part] = []
        for indices in customer.indices.chunked(by: \.serial) {
            guard let serial = indices.first?.serial,
                let meter = evidence.truth.meters.first(where: { $0.installation.serial == serial })
            else { return ["indices of meters that the field does not have"] }
            parts.append(Part(indices: indices, meter: meter, modulus: evidence.truth.modulus(of: meter.id)))
        }
        for part in parts { faults += part.unread(customer) }
        let projected = customer.projected.reduce(Energy.zero) { $0 + $1.energy }
        let energy = parts.reduce(projected) { $0 + $1.energy }
        // A bill is of whole kWh, rounded down once.
        expect(bill.kwh, energy.wattHours.flooredQuotient(by: 1000), "kWh of its indices and projected days")
        faults += try coverage(of: customer, usagePoint, evidence)
        // What is projected is true of nobody.
        guard customer.projected.isEmpty,
            parts.allSatisfy({ part in part.indices.allSatisfy { isTrue($0, of: part.meter, evidence) } })
        else { return faults }
        let ordinary = BillingPeriod.containing(customer.asOf.previous, readingDay: usagePoint.readingDay)
        var change: [ServiceDay: Energy] = [:]
        for day in evidence.tariffs.changeDays(in: bill.period, category: usagePoint.category) {
            change[day] = Self.energy(of: parts, to: day)
        }
        let own = try evidence.tariffs.bill(
            BillRequest(
                category: usagePoint.category, period: bill.period, consumption: energy,
                consumptionAtChanges: change, householdHundredths: usagePoint.householdHundredths,
                isIrregular: customer.period != ordinary, periodEnd: customer.period.through))
        if own.lines != bill.lines || own.total != bill.total {
            faults.append("the true dial's bill is \(own.total.dong) dong, this one \(bill.total.dong)")
        }
        return faults
    }

    /// The indices of one meter in a bill, never none.
    private struct Part {
        let indices: ArraySlice<CustomerBill.UsedIndex>
        let meter: FieldTruth.Meter
        let start: DailyIndex
        let end: DailyIndex
        /// Where the dial begins again at 0, in Wh.
        let modulus: Int64?

        init(indices: ArraySlice<CustomerBill.UsedIndex>, meter: FieldTruth.Meter, modulus: Int64?) {
            guard let start = indices.first?.index, let end = indices.last?.index else {
                preconditionFailure("a part of a bill has two ends")
            }
            self.indices = indices
            self.meter = meter
            self.modulus = modulus
            self.start = start
            self.end = end
        }

        func energy(to index: DailyIndex) -> Energy {
            let turned = index.index < start.index ? modulus ?? 0 : 0
            return (index.index - start.index + Energy(wattHours: turned)) * meter.installation.multiplier
        }

        var energy: Energy { energy(to: end) }

        /// A meter that was put up or taken down inside the period counts from what the fitter read, and up to it.
        func unread(_ customer: CustomerBill) -> [String] {
            let stay = meter.installation.stay
            var faults: [String] = []
            if stay.startIndex != nil, stay.installedOn >= customer.period.from, start.day != stay.installedOn {
                faults.append("counts from \(start.day), though its start index is known")
            }
            if stay.endIndex != nil, let removedOn = stay.removedOn, removedOn < customer.asOf,
                removedOn <= customer.period.through, end.day != removedOn.next
            {
                faults.append("counts up to \(end.day), though its end index is known")
            }
            return faults.map { "\(meter.installation.serial): \($0)" }
        }
    }

    /// What is known to 00:00 of a day; `nil` where that lies between the indices of a meter. What is known only from a
    /// later day on was all used after it.
    private static func energy(of parts: [Part], to day: ServiceDay) -> Energy? {
        var energy = Energy.zero
        for part in parts {
            if part.end.day <= day {
                energy = energy + part.energy
            } else if part.start.day < day {
                return part.indices.first { $0.index.day == day }.map { energy + part.energy(to: $0.index) }
            }
        }
        return energy
    }

    /// Whether an index is what the dial showed to the watt-hour: by its own word, or by that of the fitter, who reads
    /// what stands there.
    private func isTrue(_ used: CustomerBill.UsedIndex, of meter: FieldTruth.Meter, _ evidence: Evidence) -> Bool {
        if used.index.quality == .edited {
            let rows = evidence.world.exchanges.flatMap(\.rows)
            return rows.contains {
                $0.serial == used.serial && $0.stay.fittersIndex(of: used.index.day, .activeImport) == used.index
            }
        }
        return evidence.truth.index(of: meter.id, .activeImport, on: used.index.day) == used.index.index
    }

    private func coverage(
        of customer: CustomerBill, _ usagePoint: UsagePoint, _ evidence: Evidence
    ) throws -> [String] {
        let found = customer.coverage
        guard found.days == found.measured + found.estimated + found.missing else {
            return ["its coverage of \(found.days) days does not add up"]
        }
        guard found.projected == customer.projected.count, found.projected <= found.missing else {
            let projected = customer.projected.count
            return ["it projects \(projected) days and says \(found.projected), of \(found.missing) missing"]
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

extension Array {
    /// Runs of elements that have the same value.
    fileprivate func chunked<Value: Equatable>(by value: (Element) -> Value) -> [ArraySlice<Element>] {
        var chunks: [ArraySlice<Element>] = []
        var start = startIndex
        for position in indices.dropFirst() where value(self[position]) != value(self[position - 1]) {
            chunks.append(self[start..<position])
            start = position
        }
        return isEmpty ? [] : chunks + [self[start...]]
    }
}
