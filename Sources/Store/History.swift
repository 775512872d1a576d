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
    /// repeated; days whose index is not the meter's to show are passed over. What the indices were made
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
    private let selectStay: HotStatement
    private let continuations: Set<MeterID>
    private let dials: DialTable
    private var writer: IndexWriter
    /// The meter looked at last, the days that are its to show, and its dial.
    private var open: (meter: MeterID, own: Range<ServiceDay>, dial: MeterDial)?

    init(_ db: Database, today: ServiceDay) throws {
        self.today = today
        selectStay = try HotStatement(db, "SELECT installedOn, removedOn FROM installation WHERE meter = ?")
        continuations = try MeterSuccessions.continuations(db)
        dials = try DialTable(db)
        writer = try IndexWriter(db, notesGaps: false)
    }

    mutating func take(_ history: RegisterHistory) throws {
        if open?.meter != history.meter {
            try closeMeter()
            guard try selectStay.first(Int(history.meter.number)) else { return }
            let installedOn = selectStay.day(0)
            let first = continuations.contains(history.meter) ? installedOn.next : installedOn
            let end = min(selectStay.optionalDay(1) ?? today, today).next
            open = (history.meter, first..<max(first, end), try dials.dial(of: history.meter) ?? MeterDial())
        }
        guard var meter = open else { return }
        open = nil
        let position = try dials.position(of: history.register, in: &meter.dial, meter: meter.meter)
        for index in history.indices where meter.own.contains(index.day) && index.day.number > 0 {
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
