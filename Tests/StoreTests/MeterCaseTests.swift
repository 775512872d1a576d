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

    @Test("the meter's clock is kept with when it was seen")
    func clock() throws {
        let book = try LogBook()
        _ = try book.store.ingest([
            Self.outcome(book, "05-10 10:00", MeterFacts(standing: .unasked, clockOffset: .seconds(-95)))
        ])
        let shown = try #require(try book.store.meterSelf(MeterID(1)))
        #expect(shown.clockOffset == .seconds(-95) && shown.clockSeen == book.instant("05-10 10:00"))
    }
}
