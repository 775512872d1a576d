import Foundation

/// Faults as they are found; beyond `RegistryFiles.faultsMax` only their number.
struct FaultList {
    private var kept: [InputFault] = []
    private(set) var count = 0

    mutating func note(_ fault: @autoclosure () -> InputFault) {
        count += 1
        if count <= RegistryFiles.faultsMax { kept.append(fault()) }
    }

    /// `nil` when there is none.
    var all: [InputFault]? {
        guard count > 0 else { return nil }
        guard count > kept.count else { return kept }
        let more = InputFault(
            file: "registry", field: "", value: "",
            remedy: "and \(count - kept.count) more faults; put these right first")
        return kept + [more]
    }
}

/// One record of a file while its fields are read. A fault found is noted and the default taken, so that one wrong
/// field does not hide the next.
struct RegistryRow {
    let file: String
    let line: Int
    let fields: [String]
    let isASCII: Bool
    /// Position of each known column; −1 where the file lacks it.
    let positions: [Int]
    let names: [String]

    /// In composed form (NFC): a file saved elsewhere may spell `ạ` with two code points and so name another gateway.
    func text(_ column: Int) -> String {
        guard positions[column] >= 0 else { return "" }
        let field = fields[positions[column]]
        return isASCII ? field : field.precomposedStringWithCanonicalMapping
    }

    func fault(_ column: Int, _ remedy: String) -> InputFault {
        InputFault(file: file, line: line, field: names[column], value: text(column), remedy: remedy)
    }

    func required(_ column: Int, _ faults: inout FaultList) -> String {
        let value = text(column)
        if value.isEmpty { faults.note(fault(column, "must not be empty")) }
        return value
    }

    func integer(
        _ column: Int, default value: Int64?, in range: ClosedRange<Int64>, _ faults: inout FaultList
    ) -> Int64 {
        let text = text(column)
        if text.isEmpty, let value { return value }
        guard !text.hasPrefix("+"), let number = Int64(text), range.contains(number) else {
            faults.note(fault(column, "must be a whole number, \(range.lowerBound) to \(range.upperBound)"))
            return value ?? range.lowerBound
        }
        return number
    }

    /// `nil` where the field is empty or, noted, no date.
    func day(_ column: Int, isRequired: Bool, _ faults: inout FaultList) -> ServiceDay? {
        let text = text(column)
        if text.isEmpty, !isRequired { return nil }
        guard let day = ServiceDay(iso: text) else {
            faults.note(fault(column, "must be a date, YYYY-MM-DD"))
            return nil
        }
        return day
    }

    func energy(_ column: Int, _ faults: inout FaultList) -> Energy? {
        guard !text(column).isEmpty else { return nil }
        // 12 digits of whole kWh are the widest dial.
        return Energy(wattHours: integer(column, default: 0, in: 0...999_999_999_999_999, &faults))
    }
}
