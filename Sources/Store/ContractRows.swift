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
    static func billingCalendar(of usagePoint: UsagePoint, _ db: Database) throws -> BillingCalendar {
        let rows = try HotStatement(
            db,
            """
            SELECT until, days FROM formerReadingDays
            WHERE usagePoint = (SELECT id FROM usagePoint WHERE name = ?)
            """)
        try rows.start(usagePoint.name)
        var former: [BillingCalendar.Former] = []
        while try rows.next() {
            former.append(try MonthCalendars.former(rows, from: 0, of: usagePoint.name))
        }
        return BillingCalendar(usagePoint.readingDays, former: former)
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
            let former = try rows.optionalDay(3).map { _ in try Self.former(rows, from: 3, of: String(id)) }
            found[id, default: (days, [])].former += former.map { [$0] } ?? []
        }
        calendars = found.mapValues { BillingCalendar($0.days, former: $0.former).ofMonths }
    }

    /// By row of `usagePoint`.
    subscript(usagePointID: Int64) -> BillingCalendar? { calendars[usagePointID] }

    static func former(
        _ row: HotStatement, from column: Int32, of usagePoint: String
    ) throws -> BillingCalendar.Former {
        guard let days = ReadingDays(text: row.text(column + 1)) else {
            throw UnknownCode(column: "formerReadingDays.days of usage point \(usagePoint)", code: 0)
        }
        return BillingCalendar.Former(until: row.day(column), days: days)
    }
}
