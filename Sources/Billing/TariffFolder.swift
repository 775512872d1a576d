import Foundation
import InputFiles
import Metering

extension TariffBook {
    /// The built-in tariff files, and the `*.yaml` files of `folder` over them: a decision replaces the built-in one
    /// of the same number, hours and a reduction those of the same name, a VAT rate the built-in one from the same day;
    /// others are added.
    ///
    /// - Parameter unverifiedPrices: whether prices are used that are neither read nor in line with any that are.
    /// - Throws: `InputFaults`, all of them together: unreadable files, unknown keys, wrong values, prices that are not
    ///   their share of the average price, one thing said by two files, two decisions from one day.
    package static func load(folder: String?, unverifiedPrices: Bool = false) throws(InputFaults) -> TariffBook {
        var faults: [InputFault] = []
        let builtIn = readFolder(Bundle.module.bundlePath + "/Tariffs", faults: &faults)
        let own = folder.map { readFolder($0, faults: &faults) } ?? []
        let gathered = [builtIn, own].map { GatheredTariffs($0, faults: &faults) }
        let book = gathered[0].overridden(by: gathered[1]).book(unverifiedPrices: unverifiedPrices, faults: &faults)
        guard faults.isEmpty else { throw InputFaults(faults) }
        return book
    }

    /// Every tariff file of a folder, by name; what cannot be read is a fault.
    private static func readFolder(_ folder: String, faults: inout [InputFault]) -> [TariffFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            faults.append(
                InputFault(
                    file: folder, field: "", value: "",
                    remedy:
                        "the tariff folder cannot be read (\(error.localizedDescription)); create it or name another"))
            return []
        }
        var files: [TariffFile] = []
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let path = "\(folder)/\(name)"
            do throws(InputFaults) {
                let file = TariffFile(name: path, text: try InputText.read(path))
                faults += file.faults
                files.append(file)
            } catch {
                faults += error.faults
            }
        }
        return files
    }
}

/// What the files of one folder say, each with the file it comes from. Within a folder nothing may be said twice.
private struct GatheredTariffs {
    private struct Said<Value> {
        let value: Value
        let file: String
    }

    private var decisions: [String: Said<DecisionDraft>] = [:]
    private var vatRates: [ServiceDay: Said<VATRate>] = [:]
    private var hours: [String: Said<HoursDraft>] = [:]
    private var reductions: [String: Said<Reduction>] = [:]

    init(_ files: [TariffFile], faults: inout [InputFault]) {
        for file in files {
            func note<Key: Hashable, Value>(
                _ value: Value, as key: Key, in known: inout [Key: Said<Value>], field: String, _ what: String
            ) {
                guard let other = known.updateValue(Said(value: value, file: file.name), forKey: key) else { return }
                faults.append(
                    InputFault(
                        file: file.name, field: field, value: "\(key)",
                        remedy: "\(what) in \(other.file)\(what == "is also" ? "" : " too"); keep one of the two"))
            }
            switch file.content {
            case .decision(let draft):
                note(draft, as: draft.number, in: &decisions, field: "decision", "is also")
            case .vatRates(let rates):
                for rate in rates { note(rate, as: rate.from, in: &vatRates, field: "vat_rates", "has a rate") }
            case .hours(let drafts):
                for draft in drafts {
                    note(draft, as: draft.schedule.name, in: &hours, field: "time_of_use", "has its hours")
                }
            case .reductions(let own):
                for one in own { note(one, as: one.name, in: &reductions, field: "reductions", "is") }
            case nil: break
            }
        }
    }

    func overridden(by own: GatheredTariffs) -> GatheredTariffs {
        var both = self
        both.decisions.merge(own.decisions) { $1 }
        both.vatRates.merge(own.vatRates) { $1 }
        both.hours.merge(own.hours) { $1 }
        both.reductions.merge(own.reductions) { $1 }
        return both
    }

    func book(unverifiedPrices: Bool, faults: inout [InputFault]) -> TariffBook {
        let ordered = decisions.values.sorted {
            ($0.value.inForceFrom, $0.value.number) < ($1.value.inForceFrom, $1.value.number)
        }
        let inForce = ordered.filter { $0.value.announcedOn == nil }
        for (earlier, later) in zip(inForce, inForce.dropFirst())
        where earlier.value.inForceFrom == later.value.inForceFrom {
            faults.append(
                InputFault(
                    file: later.file, field: "in_force_from", value: "\(later.value.inForceFrom)",
                    remedy: "is also the first day of \(earlier.value.number) in \(earlier.file); correct one of them"))
        }
        let own = inForce.map { priced($0, faults: &faults) }
        guard faults.isEmpty else { return TariffBook(decisions: [], vatRates: []) }
        let average = own.last { $0.averagePriceTenThousandths != nil }?.averagePriceTenThousandths
        let announced = ordered.compactMap { said in
            said.value.announcedOn.map { day in
                AnnouncedDecision(
                    said.value.priced(average: average, from: ServiceDay(number: -20_000), beside: nil).decision,
                    announcedOn: day)
            }
        }
        // Hours that wait start with the first prices after they were published.
        let schedules = hours.values.compactMap { said -> RateSchedule? in
            guard let announcedOn = said.value.announcedOn else { return said.value.schedule }
            return own.first { $0.inForceFrom > announcedOn }.map { said.value.schedule.inForce(from: $0.inForceFrom) }
        }
        return TariffBook(
            decisions: own, vatRates: vatRates.values.map(\.value), hours: RateHours(schedules),
            reductions: reductions.values.map(\.value).sorted {
                ($0.days.lowerBound, $0.name) < ($1.days.lowerBound, $1.name)
            },
            announced: average == nil ? [] : announced, usesUnverifiedPrices: unverifiedPrices)
    }

    private func priced(_ said: Said<DecisionDraft>, faults: inout [InputFault]) -> TariffDecision {
        let draft = said.value
        var peer: TariffDecision?
        if let name = draft.inLineWith {
            // Of that one only what was read counts, so it needs no peer itself.
            peer = decisions[name].map {
                $0.value.priced(average: nil, from: $0.value.inForceFrom, beside: nil).decision
            }
            if peer == nil {
                faults.append(
                    InputFault(
                        file: said.file, field: "in_line_with", value: name,
                        remedy: "is no decision of the tariff files; name one whose prices were read"))
            }
        }
        let (decision, outOfLine) = draft.priced(average: nil, from: draft.inForceFrom, beside: peer)
        for (group, what) in outOfLine {
            faults.append(
                InputFault(
                    file: said.file, line: group.line, field: "groups", value: "\(group.category) \(what)",
                    remedy: "is another share of the average price than in \(draft.inLineWith ?? ""), by more than "
                        + "0.05 point; correct whichever is mistyped, or give it verified: false"))
        }
        return decision
    }
}
