import Metering
import Store

/// One customer's days: index, consumption, quality and revision of one register, as JSON or CSV.
/// A day without an index is written as one with nothing in it, so that missing can never be read as zero.
package struct FeedDocument {
    package let usagePoint: String
    package let register: Register
    /// Inclusive.
    package let from: ServiceDay
    /// Exclusive: periods of the API are half open, so that months can be put end to end.
    package let to: ServiceDay
    package let days: [FeedDay]
    private let calendar: ServiceCalendar

    /// Days of `due` that lie in the period are listed, with or without an index; `indices` may hold more.
    package init(
        usagePoint: String, register: Register, from: ServiceDay, to: ServiceDay, due: Range<ServiceDay>,
        indices: [IndexedDay], calendar: ServiceCalendar
    ) {
        self.usagePoint = usagePoint
        self.register = register
        self.from = from
        self.to = to
        self.calendar = calendar
        let known = Dictionary(
            indices.filter { $0.register == register }.map { ($0.day, $0) }, uniquingKeysWith: { _, last in last })
        let first = max(from, due.lowerBound)
        let end = min(to, due.upperBound)
        days = (first < end ? Array(first..<end) : []).map { day in
            FeedDay(
                usagePoint: usagePoint, register: register, day: day, index: known[day]?.index,
                consumption: known[day]?.consumption, cause: known[day]?.cause)
        }
    }

    /// Reads a usage point's days from the store. An index is due from the day its first meter was installed to the
    /// last closed day, and on every later day that already has one.
    /// - Throws: `StoreError.unknownUsagePoint`, or what the store says.
    package init(
        reading usagePoint: String, register: Register, from: ServiceDay, to: ServiceDay, store: Store
    ) throws {
        guard try store.usagePoint(usagePoint) != nil else { throw StoreError.unknownUsagePoint(usagePoint) }
        let indices =
            from < to
            ? try store.dailyIndices(usagePoint: usagePoint, register: register, from: from, through: to.previous) : []
        let installed = try store.installations(of: usagePoint).map(\.installedOn).min() ?? to
        let last = [try store.lastClosedDay(), indices.map(\.day).max()].compactMap { $0 }.max() ?? installed.previous
        self.init(
            usagePoint: usagePoint, register: register, from: from, to: to,
            due: installed..<max(installed, last.next), indices: indices, calendar: store.calendar)
    }

    package var json: JSONValue {
        .members([
            "usage_point": .string(usagePoint), "register": .string(register.name), "obis": .string(register.obis),
            "unit": .string(register.unit), "from": .string(from.description), "to": .string(to.description),
            "start": .string(calendar.text(calendar.start(of: from))),
            "end": .string(calendar.text(calendar.start(of: to))),
            "days": .array(days.map { day in .object(day.members(in: calendar)) }),
        ])
    }

    package var csv: String { FeedDay.csvHeader + days.map { $0.csv(in: calendar) }.joined() }
}

/// One usage point's day in a feed, its own or the province's (`meterd feed --day`).
package struct FeedDay: Hashable, Sendable {
    package let usagePoint: String
    package let register: Register
    package let day: ServiceDay
    /// The dial at 00:00 of `day`; `nil` is missing.
    package let index: DailyIndex?
    /// Of the day that starts at `index`, multiplier applied; `nil` where it is not known.
    package let consumption: Energy?
    /// What made the index the revision it is; `nil` for revision 1. Who had a hand in it is the company's affair.
    package let cause: IndexOccasion?

    package init(
        usagePoint: String, register: Register, day: ServiceDay, index: DailyIndex?, consumption: Energy?,
        cause: IndexOccasion?
    ) {
        self.usagePoint = usagePoint
        self.register = register
        self.day = day
        self.index = index
        self.consumption = consumption
        self.cause = cause
    }

    package static let csvHeader =
        "usage_point,register,date,start,end,index_wh,consumption_wh,"
        + "quality_code,quality,error_bound_wh,revision,since,source,reason\n"

    /// One CSV record with its line end; empty fields where nothing is known.
    package func csv(in calendar: ServiceCalendar) -> String {
        csv(days: Self.days(day, in: calendar))
    }

    /// `date,start,end` of a day; the same for a whole province.
    static func days(_ day: ServiceDay, in calendar: ServiceCalendar) -> String {
        let start = calendar.text(calendar.start(of: day))
        return "\(day),\(start),\(calendar.text(calendar.start(of: day.next)))"
    }

    func csv(days: String) -> String {
        // Only the usage point's name comes from outside and may need quotes.
        var line = String(CSV.line([usagePoint]).dropLast()) + ",\(register.name),\(days),"
        if let index { line += String(index.index.wattHours) }
        line += ","
        if let consumption { line += String(consumption.wattHours) }
        guard let index else { return line + ",,,,,,,\n" }
        line +=
            ",\(index.quality.espiCode),\(index.quality.name),\(index.errorBound.wattHours),\(index.revision),"
        guard let cause else { return line + ",,\n" }
        return line + CSV.line([cause.at.rfc3339(offsetSeconds: 0), cause.source, cause.reason])
    }

    /// One line of JSON with its line end, whole in itself: usage point and register included.
    package func jsonLine(in calendar: ServiceCalendar) -> String {
        let whose = [
            JSONValue.Member(key: "usage_point", value: .string(usagePoint)),
            JSONValue.Member(key: "register", value: .string(register.name)),
        ]
        return JSONValue.object(whose + members(in: calendar)).text + "\n"
    }

    func members(in calendar: ServiceCalendar) -> [JSONValue.Member] {
        let json = JSONValue.members([
            "date": .string(day.description), "start": .string(calendar.text(calendar.start(of: day))),
            "end": .string(calendar.text(calendar.start(of: day.next))),
            "index_wh": .optional(index) { .integer($0.index.wattHours) },
            "consumption_wh": .optional(consumption) { .integer($0.wattHours) },
            "quality": .optional(index) {
                .members(["code": .integer($0.quality.espiCode), "name": .string($0.quality.name)])
            },
            "error_bound_wh": .optional(index) { .integer($0.errorBound.wattHours) },
            "revision": .optional(index) { .integer($0.revision) },
        ])
        guard case .object(let members) = json else { return [] }
        guard let cause else { return members }
        return members + [
            JSONValue.Member(
                key: "cause",
                value: .members([
                    "at": .string(cause.at.rfc3339(offsetSeconds: 0)), "source": .string(cause.source),
                    "reason": .string(cause.reason),
                ]))
        ]
    }
}

extension Register {
    /// Reactive registers count var-hours; the number stands under the same names.
    var unit: String {
        switch self {
        case .reactiveImport, .reactiveExport: "varh"
        default: "Wh"
        }
    }
}
