import Billing
import GRDB
import Metering

/// A usage point's contract as a row, which only one that is not the default has.
enum ContractRows {
    /// Wants `joined`.
    static let columns = """
        contract.readingDays, contract.threePrice, contract.reactive, contract.programmedOn, contract.purposes
        """
    /// After `usagePoint`.
    static let joined = "LEFT JOIN contract ON contract.usagePoint = usagePoint.id"

    /// Of a usage point without a row all columns are NULL.
    static func contract(_ row: HotStatement, from column: Int32, of usagePoint: String) throws -> Contract {
        guard row.optionalInteger(column + 2) != nil else { return .standard }
        func unreadable(_ what: String) -> UnknownCode {
            UnknownCode(column: "contract.\(what) of \(usagePoint)", code: 0)
        }
        let days = row.text(column)
        guard days.isEmpty || ReadingDays(text: days) != nil else { throw unreadable("readingDays") }
        guard let threePrice = Contract.ThreePrice(rawValue: row.text(column + 1)) else {
            throw unreadable("threePrice")
        }
        guard let shares = PurposeShare.list(row.text(column + 4)) else { throw unreadable("purposes") }
        return Contract(
            readingDays: ReadingDays(text: days), threePrice: threePrice,
            isChargedForReactive: row.integer(column + 2) != 0, programmedOn: row.optionalDay(column + 3),
            shares: shares)
    }
}

/// Takes over the contracts of one import, and keeps the reading days that it changes.
struct ContractWriter {
    private let today: ServiceDay
    private let delete: HotStatement
    private let insert: HotStatement
    private let keepReadingDays: HotStatement
    private let forgetReadingDays: HotStatement

    /// - Parameter today: the first day on which reading days hold that the import changes.
    init(_ db: Database, today: ServiceDay) throws {
        self.today = today
        delete = try HotStatement(db, "DELETE FROM contract WHERE usagePoint = ?")
        insert = try HotStatement(
            db,
            """
            INSERT INTO contract(usagePoint, readingDays, threePrice, reactive, programmedOn, purposes)
            VALUES(?, ?, ?, ?, ?, ?)
            """)
        keepReadingDays = try HotStatement(
            db,
            """
            INSERT INTO formerReadingDays(usagePoint, until, days) SELECT ?1, ?2, ?3
            WHERE EXISTS(SELECT 1 FROM installation WHERE usagePoint = ?1) ON CONFLICT DO NOTHING
            """)
        forgetReadingDays = try HotStatement(
            db, "DELETE FROM formerReadingDays WHERE usagePoint = ? AND until = ? AND days = ?")
    }

    /// - Parameter known: as it was before the import; `nil` for one that is new.
    func take(_ usagePoint: UsagePoint, id: Int64, known: UsagePoint?) throws {
        if usagePoint.contract != known?.contract ?? .standard { try write(usagePoint.contract, of: id) }
        guard let old = known?.readingDays, old != usagePoint.readingDays else { return }
        // Changed twice on a day: what held until it is what was there first; changed back, nothing was changed.
        try keepReadingDays.run(id, today, old.description)
        try forgetReadingDays.run(id, today, usagePoint.readingDays.description)
    }

    private func write(_ contract: Contract, of usagePoint: Int64) throws {
        try delete.run(usagePoint)
        guard contract != .standard else { return }
        try insert.run(
            usagePoint, contract.readingDays?.description ?? "", contract.threePrice.rawValue,
            contract.isChargedForReactive ? 1 : 0, contract.programmedOn, PurposeShare.text(contract.shares))
    }
}

extension Store {
    /// A usage point and when its billing periods begin and end, in one look-up: it is one for each bill of a province.
    /// `nil` where it is not known.
    static func billed(
        _ name: String, _ db: Database
    ) throws -> (usagePoint: UsagePoint, calendar: BillingCalendar)? {
        let row = try HotStatement(
            db,
            """
            SELECT (SELECT group_concat(until || ' ' || days) FROM formerReadingDays
              WHERE formerReadingDays.usagePoint = usagePoint.id), \(RegistryRows.usagePointColumns)
            FROM \(RegistryRows.usagePointTables) WHERE name = ?
            """)
        guard try row.first(name) else { return nil }
        let usagePoint = try RegistryRows.usagePoint(row, from: 1)
        let former = try row.text(0).split(separator: ",").map { text in
            let words = text.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let until = Int64(words[0]), let days = ReadingDays(text: words[1]) else {
                throw UnknownCode(column: "formerReadingDays of usage point \(name)", code: 0)
            }
            return BillingCalendar.Former(until: ServiceDay(stored: until), days: days)
        }
        return (usagePoint, BillingCalendar(usagePoint.readingDays, former: former))
    }
}

/// When the months of those usage points begin and end whose reading day is not simply the one of their row, and always
/// was. They are few.
struct MonthCalendars {
    private var calendars: [Int64: BillingCalendar] = [:]

    init(_ db: Database) throws {
        let rows = try HotStatement(
            db,
            """
            SELECT usagePoint.id, usagePoint.readingDay, contract.readingDays, until, days
            FROM (SELECT usagePoint FROM contract WHERE readingDays <> ''
              UNION SELECT usagePoint FROM formerReadingDays) AS special
            JOIN usagePoint ON usagePoint.id = special.usagePoint \(ContractRows.joined)
            LEFT JOIN formerReadingDays ON formerReadingDays.usagePoint = usagePoint.id
            """)
        try rows.start()
        var found: [Int64: (days: ReadingDays, former: [BillingCalendar.Former])] = [:]
        while try rows.next() {
            let id = rows.integer(0)
            let days =
                try ReadingDays(text: rows.text(2))
                ?? ReadingDays(
                    Int(rows.integer(1, in: 0...27, of: "usagePoint.readingDay of \(id)")))
            let former = try rows.optionalDay(3).map { until in
                guard let days = ReadingDays(text: rows.text(4)) else {
                    throw UnknownCode(column: "formerReadingDays.days of usage point \(id)", code: 0)
                }
                return BillingCalendar.Former(until: until, days: days)
            }
            found[id, default: (days, [])].former += former.map { [$0] } ?? []
        }
        calendars = found.mapValues { BillingCalendar($0.days, former: $0.former).ofMonths }
    }

    /// By row of `usagePoint`.
    subscript(usagePointID: Int64) -> BillingCalendar? { calendars[usagePointID] }
}
