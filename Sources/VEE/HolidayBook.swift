import Foundation
import InputFiles
import Metering

/// Public holidays by date, read from files: lunar ones move, and each year is decided by itself.
package struct HolidayBook: Hashable, Sendable {
    package struct Holiday: Hashable, Sendable {
        package let name: String
        package let days: ClosedRange<ServiceDay>
        /// Nobody has held its dates against the decision that set them.
        package let isUnverified: Bool
        /// Where its dates come from.
        package let source: String
    }

    /// In the order of their days.
    package let holidays: [Holiday]

    private init(_ holidays: [Holiday]) {
        self.holidays = holidays.sorted { $0.days.lowerBound < $1.days.lowerBound }
    }

    /// Holidays as text, over none.
    /// - Throws: `InputFaults`, all of them together.
    package init(yaml: String, file: String) throws(InputFaults) {
        self.init(try Self.parse(yaml, file: file))
    }

    /// The shipped holidays, and those of a file over them: a year that it has a day of is wholly its own.
    /// - Parameter file: a path; `nil` for the shipped ones alone.
    /// - Throws: `InputFaults`, all of them together.
    package static func load(file: String?) throws(InputFaults) -> HolidayBook {
        let path = Bundle.module.bundlePath + "/Rules/holidays.yaml"
        let shipped = try parse(try InputText.read(path), file: path)
        guard let file else { return HolidayBook(shipped) }
        let own = try parse(try InputText.read(file), file: file)
        let years = Set(own.flatMap { $0.days.map(\.civil.year) })
        return HolidayBook(own + shipped.filter { years.isDisjoint(with: $0.days.map(\.civil.year)) })
    }

    package var days: Set<ServiceDay> { Set(holidays.flatMap { Array($0.days) }) }

    /// For each year that has any: how many days, and how many of them are unverified.
    package var years: [(year: Int, days: Int, unverified: Int)] {
        let days = holidays.flatMap { holiday in holiday.days.map { ($0.civil.year, holiday.isUnverified) } }
        return Dictionary(grouping: days, by: \.0).sorted { $0.key < $1.key }
            .map { (year: $0.key, days: $0.value.count, unverified: $0.value.count { $0.1 }) }
    }

    private static let keys = ["holiday", "from", "to", "unverified", "source"]
    /// A longer one is a slip of the pen: all of a year's Tết has been nine days.
    private static let daysMax = 16

    private static func parse(_ yaml: String, file: String) throws(InputFaults) -> [Holiday] {
        var reader = SectionReader(file: file)
        let empty = "the file is empty; holidays start with \"holidays:\""
        guard let root = reader.root(yaml, keys: ["holidays"], empty: empty) else {
            throw InputFaults(reader.faults)
        }
        if root.entry("holidays") == nil { reader.note("is missing; a list of holidays", in: root, at: "holidays") }
        var lines: [ServiceDay: Int] = [:]
        var holidays: [Holiday] = []
        for section in reader.sections("holidays", of: root, keys: keys) {
            guard let holiday = holiday(section, &reader) else { continue }
            for day in holiday.days {
                guard let other = lines.updateValue(section.line, forKey: day) else { continue }
                reader.note("is in the holiday on line \(other) already", in: section, at: "from", value: "\(day)")
                break
            }
            holidays.append(holiday)
        }
        guard reader.faults.isEmpty else {
            throw InputFaults(reader.faults.sorted { ($0.line, $0.field) < ($1.line, $1.field) })
        }
        return holidays
    }

    private static func holiday(_ section: InputSection, _ reader: inout SectionReader) -> Holiday? {
        func day(_ key: String, fallback: ServiceDay? = nil) -> ServiceDay? {
            reader.scalar(key, of: section, fallback: fallback, remedy: "must be a date, YYYY-MM-DD") {
                ServiceDay(iso: $0)
            }
        }
        let name = reader.text("holiday", of: section, remedy: "must be a name")
        let source = reader.text("source", of: section, remedy: "must say where the dates come from")
        let isUnverified = reader.flag("unverified", of: section)
        guard let first = day("from"), let last = day("to", fallback: first) else { return nil }
        guard first <= last, last - first < daysMax else {
            let remedy = "must be a day from \(first) to \(first + (daysMax - 1))"
            reader.note(remedy, in: section, at: "to", value: "\(last)")
            return nil
        }
        guard let name, let source, let isUnverified else { return nil }
        return Holiday(name: name, days: first...last, isUnverified: isUnverified, source: source)
    }
}
