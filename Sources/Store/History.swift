import GRDB
import Metering

/// What an earlier system knew of one register's past.
package struct RegisterHistory: Sendable {
    package let meter: MeterID
    package let register: Register
    /// By day; of revision 1.
    package let indices: [DailyIndex]

    package init(meter: MeterID, register: Register, indices: [DailyIndex]) {
        self.meter = meter
        self.register = register
        self.indices = indices
    }
}

extension Store {
    /// Takes over what an earlier system knew of past days, in one transaction; durable when this returns.
    ///
    /// Each index counts as its day's first value. A day that has an index here keeps it, so a hand-over may be
    /// repeated; days on which the registry has no such meter in service are passed over. What the indices were made
    /// from stays with the system they come from. Gaps are left as they are: that system has estimated what it could.
    ///
    /// What is kept side by side should be handed over side by side: a month of all registers, some thousand a call,
    /// always in the same order, then the next month.
    /// - Parameter today: the day that has begun last. A store without any index keeps what is old by then in months
    ///   and weeks from the start.
    /// - Returns: how many indices were taken over.
    /// - Throws: `StoreError`; then nothing was.
    @discardableResult
    package func adoptHistory(_ histories: [RegisterHistory], today: ServiceDay) throws -> Int {
        try write("taking over the past of \(histories.count) registers") { db in
            if try IndexBook.days(db) == nil {
                var places = try IndexPlaces(db)
                places.advance(to: today)
                try places.save(db)
            }
            var adoption = try Adoption(db, today: today)
            for history in histories { try adoption.take(history) }
            return try adoption.finish()
        }
    }
}

/// One hand-over inside its transaction.
private struct Adoption {
    private let today: ServiceDay
    private let selectService: HotStatement
    private let dials: DialTable
    private var writer: IndexWriter
    /// The meter looked at last, and its dial.
    private var open: (meter: MeterID, service: Range<ServiceDay>, dial: MeterDial)?

    init(_ db: Database, today: ServiceDay) throws {
        self.today = today
        selectService = try HotStatement(db, "SELECT installedOn, removedOn FROM installation WHERE meter = ?")
        dials = try DialTable(db)
        writer = try IndexWriter(db, notesGaps: false)
    }

    mutating func take(_ history: RegisterHistory) throws {
        if open?.meter != history.meter {
            try closeMeter()
            guard try selectService.first(Int(history.meter.number)) else { return }
            let installedOn = selectService.day(0)
            let end = min(selectService.optionalDay(1) ?? today.next, today.next)
            open = (
                history.meter, installedOn..<max(installedOn, end), try dials.dial(of: history.meter) ?? MeterDial()
            )
        }
        guard var meter = open else { return }
        open = nil
        let position = try dials.position(of: history.register, in: &meter.dial, meter: meter.meter)
        for index in history.indices where meter.service.contains(index.day) && index.day.number > 0 {
            try writer.adopt(index, of: &meter.dial.entries[position])
        }
        open = meter
    }

    /// Each meter's dial is read and written once where its registers come together.
    private mutating func closeMeter() throws {
        if let open { try dials.save(open.dial) }
        open = nil
    }

    mutating func finish() throws -> Int {
        try closeMeter()
        try dials.flush()
        try writer.finish()
        return writer.inserted
    }
}
