import Foundation
import InputFiles
import Metering

extension TariffBook {
    /// By number, and by first day; each with the file it comes from.
    private typealias Decisions = [String: (decision: TariffDecision, file: String)]
    private typealias VATRates = [ServiceDay: (rate: VATRate, file: String)]

    /// The built-in tariff files, and the `*.yaml` files of `folder` over them: a decision replaces the built-in one
    /// of the same number, a VAT rate the built-in one from the same day; others are added.
    ///
    /// - Throws: `InputFaults`, all of them together: unreadable files, unknown keys, wrong values, prices that are not
    ///   their percentage of the average price, two files for one decision, two decisions from one day.
    package static func load(folder: String?) throws(InputFaults) -> TariffBook {
        var faults: [InputFault] = []
        let builtIn = readFolder(Bundle.module.bundlePath + "/Tariffs", faults: &faults)
        let own = folder.map { readFolder($0, faults: &faults) } ?? []

        var decisions = Decisions()
        var vatRates = VATRates()
        for files in [builtIn, own] {
            // Within one folder nothing may be said twice; the own folder then overrides the built-in.
            var here = (decisions: Decisions(), vatRates: VATRates())
            for file in files {
                switch file.content {
                case .decision(let decision):
                    if let other = here.decisions.updateValue((decision, file.name), forKey: decision.number) {
                        faults.append(
                            InputFault(
                                file: file.name, field: "decision", value: decision.number,
                                remedy: "is also in \(other.file); keep one of the two"))
                    }
                case .vatRates(let rates):
                    for rate in rates {
                        guard let other = here.vatRates.updateValue((rate, file.name), forKey: rate.from) else {
                            continue
                        }
                        faults.append(
                            InputFault(
                                file: file.name, field: "vat_rates", value: "\(rate.from)",
                                remedy: "has a rate in \(other.file) too; keep one of the two"))
                    }
                case nil: break
                }
            }
            decisions.merge(here.decisions) { $1 }
            vatRates.merge(here.vatRates) { $1 }
        }

        let ordered = decisions.values.sorted {
            ($0.decision.inForceFrom, $0.decision.number) < ($1.decision.inForceFrom, $1.decision.number)
        }
        for (earlier, later) in zip(ordered, ordered.dropFirst())
        where earlier.decision.inForceFrom == later.decision.inForceFrom {
            faults.append(
                InputFault(
                    file: later.file, field: "in_force_from", value: "\(later.decision.inForceFrom)",
                    remedy:
                        "is also the first day of \(earlier.decision.number) in \(earlier.file); correct one of them"))
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return TariffBook(decisions: ordered.map(\.decision), vatRates: vatRates.values.map(\.rate))
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
