import Metering
import Testing

@testable import Store

@Suite("What meters show of themselves")
struct MeterCaseTests {
    private static func outcome(
        _ book: LogBook, _ at: String, _ facts: MeterFacts, _ result: Result<[Reading], PollFailure> = .success([])
    ) -> PollOutcome {
        let instant = book.instant(at)
        return PollOutcome(
            meter: MeterID(1), gateway: "G1", unit: 1, transaction: 7, profile: "sdm630/1", requested: instant,
            answered: instant, result: result, facts: facts)
    }

    private static let mismatch = IdentityMismatch.serial(found: "99", registered: "S1")

    private static func foreign(_ book: LogBook, _ at: String) -> PollOutcome {
        outcome(
            book, at, MeterFacts(standing: .foreign, serial: "99"), .failure(.identity(mismatch)))
    }

    @Test("another serial opens one case, however often it is seen, and the right one closes it")
    func identityCase() throws {
        let book = try LogBook()
        let batch = [Self.foreign(book, "05-10 10:00"), Self.foreign(book, "05-10 10:30")]
        _ = try book.store.ingest(batch)
        _ = try book.store.ingest(batch)
        let open = try #require(try book.store.cases(limit: 10).first)
        #expect(try book.store.caseCount() == 1)
        #expect(open.kind == .identity && open.found == "99" && open.serial == "S1")
        #expect(open.opened == book.instant("05-10 10:00") && open.lastSeen == book.instant("05-10 10:30"))

        _ = try book.store.ingest([
            Self.outcome(book, "05-10 11:00", MeterFacts(standing: .proven, serial: "S1"))
        ])
        #expect(try book.store.caseCount() == 0)
        _ = try book.store.ingest(batch)
        #expect(try book.store.caseCount() == 0, "old outcomes handed over again open nothing")
        #expect(try book.store.meterSelf(MeterID(1))?.serial == "S1")
    }

    @Test("what it showed until it was asked for its name is the foreign meter's, and no case of its own any more")
    func foreignReadings() throws {
        let book = try LogBook()
        try book.write("live 05-10 09:00 5000\nlive 05-10 09:30 12")
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["decreased"])
        _ = try book.store.ingest([Self.foreign(book, "05-10 10:00")])
        #expect(try book.store.cases(limit: 9).map(\.kind.rawValue) == ["identity"])
    }

    @Test("readings of a foreign meter are kept with their words and are nobody's index")
    func quarantine() throws {
        let book = try LogBook()
        func reading(_ at: String, _ kilowattHours: Int64, _ isQuarantined: Bool) -> PollOutcome {
            let instant = book.instant(at)
            return PollOutcome(
                meter: MeterID(1), gateway: "G1", unit: 1, transaction: 7, profile: "sdm630/1", requested: instant,
                answered: instant,
                result: .success([
                    Reading(
                        register: .activeImport, moment: .live, index: Energy(wattHours: kilowattHours * 1000),
                        words: [1, 2])
                ]), isQuarantined: isQuarantined)
        }
        _ = try book.store.ingest([reading("05-10 23:50", 100, false)])
        let report = try book.store.ingest([reading("05-11 00:10", 5000, true)])
        #expect(report.quarantined == 1 && report.indices == 0 && report.suspects == 0)
        let after = try book.store.ingest([reading("05-11 00:12", 101, false)])
        #expect(after.indices == 1, "the registered meter's own readings go on as if nothing had been between")
        #expect(try book.store.counts().suspects == 1)
    }

    @Test("voltages that contradict the profile are one case until they are plausible")
    func profileCase() throws {
        let book = try LogBook()
        func shows(_ at: String, _ standing: MeterFacts.Standing) throws -> [String] {
            _ = try book.store.ingest([Self.outcome(book, at, MeterFacts(standing: standing))])
            return try Self.live(book)
        }
        let told = ["profile blocks: 23 V between L1 and N"]
        #expect(try shows("05-10 10:00", .implausible("23 V between L1 and N")) == told)
        #expect(try shows("05-10 10:30", .implausible("23 V between L1 and N")) == told)
        #expect(try shows("05-10 11:00", .unasked) == told, "who says nothing of it ends nothing")
        #expect(try shows("05-10 11:30", .plausible) == [])
        #expect(try shows("05-10 10:30", .implausible("23 V between L1 and N")) == [], "handed over again")
    }

    @Test("a dial that stands still for two days under load holds up the bill of those days until somebody has looked")
    func standingDial() throws {
        let book = try LogBook()
        func seen(_ at: String, _ load: Int64, _ index: Int64) throws -> [String] {
            var poll = book.poll(at, [LogBook.live(index)])
            poll = PollOutcome(
                meter: poll.meter, gateway: poll.gateway, unit: poll.unit, transaction: poll.transaction,
                profile: poll.profile, requested: poll.requested, answered: poll.answered, result: poll.result,
                facts: MeterFacts(standing: .unasked, load: load))
            try book.ingest([poll])
            return try Self.live(book)
        }
        let stuck = ["static holds: import stands at 5.000 kWh, though 400 W and more were seen 4 times"]
        #expect(try seen("05-10 10:00", 600, 5000) == [])
        #expect(try seen("05-10 10:30", 400, 5000) == [])
        #expect(try seen("05-10 11:00", 900, 5000) == [], "three sights in an hour are no two days")
        #expect(try seen("05-11 10:00", 49, 5000) == [], "what no dial counts is no load")
        #expect(try seen("05-12 06:00", 500, 5000) == stuck)
        try book.write("frozen 05-10 00:10 05-10 5000\nfrozen 05-11 00:10 05-11 5000\nfrozen 05-12 00:10 05-12 5000")
        let bill = try book.store.provisionalBill(
            usagePoint: LogBook.usagePoint, asOf: book.day("05-12"), tariffs: .load(folder: nil))
        #expect(bill.notes.contains { $0.hasPrefix("Case 1 is open (static)") }, "\(bill.notes)")
        // It goes on. What passed it while it stood is a person's to find out.
        #expect(try seen("05-12 10:00", 500, 5600) == stuck)
        let left = try #require(try book.store.cases(limit: 1).first)
        #expect(left.days == book.day("05-10")...book.day("05-12"))
        _ = try book.store.act(
            .released, on: CaseFilter(ids: [left.id]), by: "Lan", why: "an edit follows",
            at: book.instant("05-12 11:00"))
        #expect(try Self.live(book) == [])
    }

    @Test("a dial that stands still stands while its readings are held back: the case goes on with it")
    func standingDialBlocked() throws {
        let book = try LogBook()
        func seen(_ at: String, _ standing: MeterFacts.Standing, _ load: Int64 = 500) throws -> [String] {
            let poll = book.poll(at, [LogBook.live(5000)])
            try book.ingest([
                PollOutcome(
                    meter: poll.meter, gateway: poll.gateway, unit: poll.unit, transaction: poll.transaction,
                    profile: poll.profile, requested: poll.requested, answered: poll.answered, result: poll.result,
                    facts: MeterFacts(standing: standing, load: load))
            ])
            return try book.store.cases(order: .age, limit: 9).map {
                "\($0.id) \($0.kind.rawValue)\($0.days == nil ? "" : " of days")"
            }
        }
        for at in ["05-10 10:00", "05-11 10:00", "05-12 10:00"] { _ = try seen(at, .plausible) }
        #expect(try seen("05-12 10:30", .implausible("23 V")) == ["1 static", "2 profile"])
        #expect(try seen("05-13 10:00", .implausible("23 V")) == ["1 static", "2 profile"])
        #expect(try seen("05-13 10:30", .plausible) == ["1 static"])
        #expect(try seen("05-13 11:00", .plausible) == ["1 static"])
        #expect(try seen("05-13 11:30", .implausible("23 V")) == ["1 static", "3 profile"])
        #expect(try seen("05-13 12:00", .plausible, 0) == ["1 static"])
        let before = try book.dump()
        _ = try book.store.ingest(book.outcomes)
        #expect(try book.dump() == before, "handed over again, what was seen while it was held back is not news")
    }

    @Test("what a person said of a dial that stands still holds until it has moved")
    func standingDialReleased() throws {
        let book = try LogBook()
        func seen(_ at: String, _ index: Int64) throws -> [String] {
            var poll = book.poll(at, [LogBook.live(index)])
            poll = PollOutcome(
                meter: poll.meter, gateway: poll.gateway, unit: poll.unit, transaction: poll.transaction,
                profile: poll.profile, requested: poll.requested, answered: poll.answered, result: poll.result,
                facts: MeterFacts(standing: .unasked, load: 500))
            try book.ingest([poll])
            return try Self.live(book)
        }
        for at in ["05-10 10:00", "05-11 10:00", "05-12 10:00"] { _ = try seen(at, 5000) }
        #expect(try book.store.caseCount() == 1)
        _ = try book.store.act(
            .released, on: CaseFilter(), by: "Lan", why: "a current transformer alone", at: book.instant("05-12 11:00"))
        #expect(try seen("05-13 10:00", 5000) == [])
        #expect(try seen("05-14 10:00", 5600) == [])
        for at in ["05-15 10:00", "05-16 10:00", "05-17 10:00"] { _ = try seen(at, 5600) }
        #expect(try book.store.caseCount() == 1, "it stands anew")
    }

    @Test("the meter's clock is kept with when it was seen")
    func clock() throws {
        let book = try LogBook()
        _ = try book.store.ingest([
            Self.outcome(book, "05-10 10:00", MeterFacts(standing: .unasked, clockOffset: .seconds(-95)))
        ])
        let shown = try #require(try book.store.meterSelf(MeterID(1)))
        #expect(shown.clockOffset == .seconds(-95) && shown.clockSeen == book.instant("05-10 10:00"))
        #expect(try book.store.caseCount() == 0)
    }

    /// `clock 05-10 10:00 86400`: so many seconds ahead.
    private static func clock(_ book: LogBook, _ at: String, _ seconds: Int64) throws {
        _ = try book.store.ingest([
            outcome(book, at, MeterFacts(standing: .unasked, clockOffset: .seconds(seconds)))
        ])
    }

    private static func live(_ book: LogBook) throws -> [String] {
        try book.store.cases(limit: 9).map { "\($0.kind.rawValue) \($0.severity.rawValue): \($0.text)" }
    }

    @Test("while its clock is wrong a meter's own records are evidence and no index, and never afterwards")
    func wrongClock() throws {
        let book = try LogBook()
        try Self.clock(book, "05-09 10:00", 20)
        try book.write("frozen 05-10 00:05 05-10 1000")
        try Self.clock(book, "05-10 10:00", 86_400)
        try book.write(
            """
            live 05-10 23:58 2900
            live 05-11 00:05 3010
            frozen 05-11 00:05 05-11 1000
            frozen 05-11 00:35 05-11 1000
            live 05-12 00:05 5000
            frozen 05-12 00:05 05-12 3000
            """)
        try book.reopen()
        try Self.clock(book, "05-12 10:00", 3)
        try book.write(
            """
            frozen 05-12 10:05 05-12 3000
            frozen 05-13 00:05 05-13 7000
            frozen 05-14 00:05 05-14 9000
            """)
        let days = try book.days("05-09", "05-15")
        #expect(
            days == """
                05-10 S1 1000 frozen +1931
                05-11 S1 2931 measured +2062
                05-12 S1 4993 measured +2007
                05-13 S1 7000 frozen +2000
                05-14 S1 9000 frozen
                """)
        #expect(try book.store.counts().suspects == 2, "a record that is asked for again is kept once")
        #expect(
            try Self.live(book) == [
                "clock holds: had its own records of 2025-05-10 to 2025-05-10 believed before its clock was seen wrong"
            ])
    }

    @Test("a clock that cannot be read is told by the day of the newest record")
    func newestRecord() throws {
        let book = try LogBook()
        func newest(_ at: String, _ day: String) throws {
            _ = try book.store.ingest([
                Self.outcome(book, at, MeterFacts(standing: .unasked, newestDay: book.day(day)))
            ])
        }
        try newest("05-10 00:05", "05-10")
        try newest("05-10 23:50", "05-11")
        #expect(try Self.live(book).isEmpty, "ten minutes ahead")
        try newest("05-11 00:05", "05-12")
        #expect(
            try Self.live(book) == [
                "clock blocks: its clock is at least 23 h 55 min ahead: "
                    + "its own records of days are not believed until it is right"
            ])
        try book.write("frozen 05-12 00:05 05-12 1000")
        try newest("05-13 00:05", "05-12")
        #expect(try Self.live(book).count == 1, "today's may not be written yet")
        try newest("05-14 00:05", "05-14")
        #expect(try Self.live(book).isEmpty)
        try book.write("frozen 05-15 00:05 05-15 9000")
        #expect(try book.days("05-09", "05-15") == "05-15 S1 9000 frozen")
        #expect(try book.store.meterSelf(MeterID(1))?.clockOffset == nil, "nobody has read it")
    }

    @Test("a clock that was never seen right has had no record believed")
    func neverRight() throws {
        let book = try LogBook()
        try Self.clock(book, "05-10 00:04", -3600)
        try book.write("frozen 05-10 00:05 05-09 1000")
        #expect(try book.days("05-09", "05-10") == "")
        #expect(
            try Self.live(book) == [
                "clock blocks: its clock is 1 h 0 min behind: "
                    + "its own records of days are not believed until it is right"
            ])
        try Self.clock(book, "05-10 09:00", 0)
        try Self.clock(book, "05-10 00:04", -3600)
        #expect(try Self.live(book).isEmpty, "handed over again it opens nothing")
    }
}
