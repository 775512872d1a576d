import Metering
import Testing

@testable import Store

@Suite("Ingest")
struct IngestTests {
    @Test("the first reading of a dial only sets it")
    func firstReading() throws {
        let book = try LogBook()
        let report = try book.ingest([book.poll("05-02 00:05", [LogBook.live(1000)])])
        #expect(report.accepted == 1)
        #expect(report.indices == 0)
        #expect(try book.indices() == "")
    }

    @Test("two readings around midnight give a measured index with its bound")
    func measured() throws {
        let book = try LogBook()
        // Middles of the polls: 23:49:59 and 00:09:59, so midnight is 601/1200 of the way: 200 × 601/1200 = 100.17.
        try book.write(
            """
            live 05-01 23:50 1000
            live 05-02 00:10 1200
            """)
        #expect(try book.indices() == "05-02 1100 measured ±112 r1")
    }

    @Test("a reading more than the window from midnight gives an estimate")
    func estimated() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-01 23:00 1000
            live 05-02 01:00 1200
            """)
        #expect(try book.indices() == "05-02 1100 estimated ±112 r1")
    }

    @Test("the ceiling of the meter's model narrows the bound")
    func ceilingNarrowsTheBound() throws {
        let book = try LogBook(limits: ["sdm630": 10_000])
        // 10,000 W pass at most 1,673 Wh from the request of 23:49:58 to midnight and 1,667 Wh from there to the
        // answer, a step of 1,000 Wh on top: the dial stood at 2,333 to 3,673 Wh.
        try book.write(
            """
            live 05-01 23:50 1000
            live 05-02 00:10 5000
            """)
        #expect(try book.indices() == "05-02 3003 measured ±768 r1")
    }

    @Test("consumptions over a gap of three midnights add up to what the dial shows")
    func gapAddsUp() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-01 00:00 1000
            live 05-01 23:59 2001
            live 05-05 00:01 9008
            live 05-06 00:01 9500
            """)
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: book.day("05-02"), through: book.day("05-05")
        )
        #expect(days.map(\.index.quality) == [.measured, .estimated, .estimated, .measured])
        let sum = days.dropLast().compactMap(\.consumption).reduce(.zero, +)
        #expect(days.dropLast().allSatisfy { $0.consumption != nil })
        #expect(sum == (try #require(days.last)).index.index - days[0].index.index)
    }

    @Test("a batch handed over again changes nothing")
    func idempotent() throws {
        let book = try LogBook()
        try book.ingest([
            book.poll("05-01 12:00", [LogBook.live(1000), LogBook.live(10, .activeExport)]),
            book.poll("05-01 23:55", [LogBook.live(1500), LogBook.live(20, .activeExport)]),
            book.poll("05-02 00:05", [LogBook.live(1510), LogBook.live(20, .activeExport)]),
            book.poll("05-02 00:06", [LogBook.frozen("05-01", 400), LogBook.frozen("05-02", 1505)]),
            book.poll("05-02 00:07", [LogBook.frozen("05-02", 1506)]),
            book.poll("05-02 06:00", [LogBook.live(900)]),
            book.failure("05-02 07:00", .timeout),
            book.failure("05-02 08:00", .timeout),
        ])
        let before = try book.dump()
        let report = try book.store.ingest(book.outcomes)
        #expect(try book.dump() == before)
        #expect(report.indices == 0 && report.revisions == 0)
        #expect(try book.store.reopenedDays().isEmpty)
        for outcome in book.outcomes.reversed() { _ = try book.store.ingest([outcome]) }
        #expect(try book.dump() == before)
    }

    @Test("the meter's own record beats readings around midnight, and readings never take it back")
    func frozenBeatsMeasured() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-01 23:50 1000
            live 05-02 00:10 1200
            frozen 05-02 00:20 05-02 1120
            """)
        #expect(try book.indices() == "05-02 1120 frozen ±0 r2")
        let other = try LogBook()
        try other.write(
            """
            frozen 05-02 00:01 05-02 1120
            live 05-01 23:50 1000
            live 05-02 00:10 1200
            """)
        #expect(try other.indices() == "05-02 1120 frozen ±0 r1")
    }

    @Test("the same value from a better source is no new revision")
    func confirmation() throws {
        let book = try LogBook()
        try book.write(
            """
            live 05-01 23:50 1000
            live 05-02 00:10 1200
            frozen 05-02 00:20 05-02 1100
            """)
        #expect(try book.indices() == "05-02 1100 frozen ±0 r1")
    }

    @Test("a changed record becomes a revision and the old value stays in the audit")
    func revision() throws {
        let book = try LogBook()
        try book.write(
            """
            frozen 05-02 00:10 05-02 2000
            frozen 05-03 00:10 05-02 2010
            """)
        #expect(try book.indices() == "05-02 2010 frozen ±0 r2")
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-02")))
        #expect(lineage.replaced.map(\.index.index.wattHours) == [2000])
        #expect(lineage.replaced.map(\.index.revision) == [1])
        #expect(lineage.replaced.map(\.occasion.source) == ["frozen"])
        #expect(lineage.replaced.map(\.occasion.at) == [book.instant("05-03 00:10")])
        #expect(lineage.readings.map(\.index.wattHours) == [2010])
    }

    @Test("a dial that went back is suspect, is kept, and does not move the dial")
    func decrease() throws {
        let book = try LogBook()
        try book.write("live 05-01 23:50 1000")
        let report = try book.ingest([book.poll("05-01 23:55", [LogBook.live(400)])])
        #expect(report.suspects == 1)
        try book.write("live 05-02 00:10 1200")
        // Still drawn from the reading of 23:50.
        #expect(try book.indices() == "05-02 1100 measured ±112 r1")
        #expect(try book.dump().contains { $0.hasPrefix("reading:") && $0.contains(",400,10,") })
        #expect(try book.store.counts().suspects == 1)
    }

    @Test("more energy than the meter can pass is suspect")
    func aboveCeiling() throws {
        let book = try LogBook(limits: ["sdm630": 10_000])
        let report = try book.ingest([
            book.poll("05-01 12:00", [LogBook.live(1000)]), book.poll("05-01 12:30", [LogBook.live(900_000)]),
        ])
        #expect(report.accepted == 1)
        #expect(report.suspects == 1)
    }

    @Test("what no dial can show is suspect, however many digits the registry knows of")
    func beyondAnyDial() throws {
        let book = try LogBook(LogBook.registry(digits: 0))
        let report = try book.ingest([
            book.poll("05-01 23:50", [LogBook.live(.max - 1)]), book.poll("05-02 00:10", [LogBook.live(.max)]),
            book.poll("05-02 00:11", [LogBook.frozen("05-02", .max)]),
        ])
        #expect(report.suspects == 3 && report.indices == 0)
        try book.write("live 05-02 23:50 1000\nlive 05-03 00:10 1200")
        #expect(try book.indices() == "05-03 1100 measured ±112 r1")
    }

    @Test("time alone does not make a suspect dial true: another meter on the unit stays suspect")
    func suspectStaysSuspect() throws {
        let book = try LogBook(limits: ["sdm630": 75_900])
        try book.ingest([book.poll("05-02 06:00", [LogBook.live(1_000_100)])])
        for at in ["05-02 12:00", "05-03 00:05", "05-03 18:00", "05-09 00:05", "05-30 12:00"] {
            #expect(try book.ingest([book.poll(at, [LogBook.live(4_000_200)])]).suspects == 1, "\(at)")
        }
        #expect(try book.indices() == "")
    }

    @Test("a glitch is settled by a reading that goes on from the dial accepted before it")
    func glitch() throws {
        let book = try LogBook(limits: ["sdm630": 75_900])
        try book.ingest([book.poll("05-02 23:50", [LogBook.live(1_000_000)])])
        #expect(try book.ingest([book.poll("05-02 23:55", [LogBook.live(9_000_000)])]).suspects == 1)
        #expect(try book.ingest([book.poll("05-03 00:10", [LogBook.live(1_000_100)])]).accepted == 1)
        #expect(try book.indices() == "05-03 1000050 measured ±56 r1")
    }

    @Test(
        "hours later it takes two readings, the second moved on from the first, or one next to the index accepted last")
    func glitchForHours() throws {
        let pages: [(String, [(at: String, index: Int64, isAccepted: Bool)])] = [
            ("the dial has moved on", [("05-03 23:50", 1_012_000, false), ("05-04 00:10", 1_012_100, true)]),
            ("the dial stands where it stood", [("05-03 23:50", 1_000_000, true)]),
            ("the dial has hardly moved", [("05-03 23:50", 1_000_900, true)]),
            (
                "the dial moved on and stands there: a vacant house",
                [
                    ("05-03 10:00", 1_007_000, false), ("05-04 09:30", 1_007_000, false),
                    ("05-04 10:30", 1_007_000, true), ("05-04 11:00", 1_007_000, true),
                ]
            ),
            (
                "sense at midnight and nonsense by day",
                [
                    ("05-04 00:10", 1_012_000, false), ("05-04 12:00", 900_000_000, false),
                    ("05-05 00:10", 1_024_000, true),
                ]
            ),
            (
                "the dial moved on and stands still for a while",
                [
                    ("05-03 10:00", 1_007_000, false), ("05-03 10:30", 1_007_000, false),
                    ("05-03 11:00", 1_007_010, true),
                ]
            ),
            (
                "nonsense now and then falls into what is possible, and what follows does not go on from it",
                [
                    ("05-03 12:00", 1_500_000, false), ("05-03 12:30", 70_615_112, false),
                    ("05-03 13:00", 1_600_000, false), ("05-03 13:30", 1_004_000, false),
                    ("05-03 14:00", 1_004_200, true),
                ]
            ),
        ]
        for (name, readings) in pages {
            let book = try LogBook(limits: ["sdm630": 75_900])
            try book.ingest([
                book.poll("05-02 23:50", [LogBook.live(1_000_000)]),
                book.poll("05-02 23:55", [LogBook.live(900_000_000)]),
            ])
            for reading in readings {
                let report = try book.ingest([book.poll(reading.at, [LogBook.live(reading.index)])])
                #expect((report.accepted == 1) == reading.isAccepted, "\(name): \(reading.at)")
            }
            let before = try book.dump()
            _ = try book.store.ingest(book.outcomes)
            #expect(try book.dump() == before, "\(name), handed over again")
        }
    }

    @Test("a person's index lets a dial that only suspects followed begin anew")
    func editFreesTheDial() throws {
        let book = try LogBook()
        try book.ingest([book.poll("05-02 06:00", [LogBook.live(900_000_000)])])
        #expect(try book.ingest([book.poll("05-02 12:00", [LogBook.live(1_000)])]).suspects == 1)
        try book.store.edit(
            usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-02"),
            index: Energy(wattHours: 900),
            reason: "read at the meter", by: "Lan", at: book.instant("05-02 13:00"))
        #expect(try book.ingest([book.poll("05-02 14:00", [LogBook.live(1_010)])]).accepted == 1)
    }

    @Test("a record of a day to come is suspect, and its repetition is not kept again")
    func fromFuture() throws {
        let book = try LogBook()
        #expect(try book.ingest([book.poll("05-02 00:10", [LogBook.frozen("05-09", 2000)])]).suspects == 1)
        #expect(try book.ingest([book.poll("05-02 01:10", [LogBook.frozen("05-09", 2000)])]).suspects == 1)
        #expect(try book.indices() == "")
        #expect(try book.store.counts().readings == 1)
    }

    @Test("a record below the record of an earlier day is suspect")
    func frozenDecrease() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 2000")
        let report = try book.ingest([book.poll("05-03 00:10", [LogBook.frozen("05-03", 1990)])])
        #expect(report.suspects == 1)
        #expect(try book.indices() == "05-02 2000 frozen ±0 r1")
    }

    @Test("a late reading moves nothing and is kept only where it contradicts the dial")
    func late() throws {
        let book = try LogBook()
        try book.write("live 05-01 12:00 1000")
        #expect(try book.ingest([book.poll("05-01 11:00", [LogBook.live(900)])]).late == 1)
        #expect(try book.store.counts().readings == 0)
        #expect(try book.ingest([book.poll("05-01 11:30", [LogBook.live(1100)])]).late == 1)
        #expect(try book.store.counts().readings == 1)
        // Half of the way from 12:00 to 12:00: the dial still stands on 05-01 12:00.
        try book.write("live 05-02 12:00 1200")
        #expect(try book.indices() == "05-02 1100 estimated ±112 r1")
    }

    @Test("a midnight that strikes during a poll is drawn from the polls around it")
    func midnightInsideAPoll() throws {
        let book = try LogBook()
        try book.ingest([
            book.poll("05-01 23:50", [LogBook.live(1000)]),
            book.poll("05-02 00:01", [LogBook.live(1100)], took: .minutes(2)),
            book.poll("05-02 00:10", [LogBook.live(1200)]),
        ])
        #expect(try book.indices() == "05-02 1100 measured ±112 r1")
    }

    @Test("no index before the installation nor after the day of removal")
    func outsideService() throws {
        let book = try LogBook(LogBook.registry(installedOn: "05-02", removedOn: "05-04"))
        let report = try book.ingest([
            book.poll("05-05 00:10", ["05-01", "05-02", "05-03", "05-04", "05-05"].map { LogBook.frozen($0, 1000) })
        ])
        #expect(report.outsideService == 2)
        #expect(
            try book.indices() == """
                05-02 1000 frozen ±0 r1 +0
                05-03 1000 frozen ±0 r1 +0
                05-04 1000 frozen ±0 r1
                """)
        let other = try LogBook(LogBook.registry(installedOn: "05-02", removedOn: "05-04"))
        try other.write(
            """
            live 05-01 00:00 0
            live 05-06 00:00 500
            """)
        #expect(try other.indices().split(separator: "\n").map { $0.prefix(5) } == ["05-02", "05-03", "05-04"])
    }

    @Test("an unknown meter is reported and nothing of it is stored")
    func unknownMeter() throws {
        let book = try LogBook()
        let before = try book.dump()
        let report = try book.ingest([
            book.poll("05-02 00:10", [LogBook.live(1)], meter: MeterID(99)),
            book.failure("05-02 00:11", .timeout, meter: MeterID(98)),
        ])
        #expect(report.unknownMeters == [MeterID(99), MeterID(98)])
        #expect(try book.dump() == before)
    }

    @Test("an answer from where the registry does not have the meter any more is reported and not stored")
    func misdirected() throws {
        let book = try LogBook()
        let before = try book.indices()
        let right = book.poll("05-02 00:10", [LogBook.frozen("05-02", 1000)])
        for (gateway, unit) in [("G1", UInt8(6)), ("G2", UInt8(1))] {
            let report = try book.ingest([
                PollOutcome(
                    meter: right.meter, gateway: gateway, unit: unit, transaction: 1, profile: right.profile,
                    requested: right.requested, answered: right.answered, result: right.result)
            ])
            #expect(report.misdirected == [right.meter])
            #expect(try book.indices() == before)
        }
        #expect(try book.ingest([right]).indices == 1)
    }

    @Test("a meter that hangs on another gateway since goes on from its own dial, and is heard from there only")
    func moved() throws {
        let book = try LogBook()
        try book.write("frozen 05-02 00:10 05-02 1000")
        let before = book.poll("05-03 00:10", [LogBook.frozen("05-03", 1900)])
        var registry = LogBook.registry()
        let old = registry.installations[0]
        registry.gateways.append(Gateway(name: "G2", host: "10.0.0.2", district: "PA0901"))
        registry.installations[0] = MeterInstallation(
            serial: old.serial, usagePoint: old.usagePoint, gateway: "G2", unit: 7, profile: old.profile,
            digits: old.digits, installedOn: old.installedOn)
        _ = try book.store.importRegistry(registry, at: book.instant("05-02 12:00"))
        #expect(try book.ingest([before]).misdirected == [before.meter], "what hangs there now is another meter")
        try book.write("frozen 05-03 00:12 05-03 1950")
        #expect(try book.indices() == "05-02 1000 frozen ±0 r1 +950\n05-03 1950 frozen ±0 r1")
        let lineage = try #require(
            try book.store.lineage(usagePoint: LogBook.usagePoint, register: .activeImport, day: book.day("05-03")))
        #expect(lineage.serial == "S1")
        #expect(try book.store.installations(of: LogBook.usagePoint).map { "\($0.gateway)/\($0.unit)" } == ["G2/7"])
    }

    @Test("each register is a series of its own")
    func registers() throws {
        let book = try LogBook()
        try book.ingest([
            book.poll("05-02 00:10", [LogBook.frozen("05-02", 1000), LogBook.frozen("05-02", 7, .reactiveImport)])
        ])
        #expect(try book.indices() == "05-02 1000 frozen ±0 r1")
        #expect(try book.indices(.reactiveImport) == "05-02 7 frozen ±0 r1")
        #expect(try book.indices(nil) == "05-02 1000 frozen ±0 r1\n05-02 7 frozen ±0 r1")
    }

    @Test("a meter imported by another process is known to the next batch")
    func generation() throws {
        let book = try LogBook()
        try book.write("live 05-01 12:00 1000")
        var registry = LogBook.registry()
        registry.usagePoints.append(UsagePoint(name: "P2", customer: "C2"))
        registry.installations.append(
            MeterInstallation(
                serial: "S2", usagePoint: "P2", gateway: "G1", unit: 2, profile: "sdm630",
                installedOn: book.day("05-01")))
        let tool = try Store(path: book.path, role: .tool, calendar: book.calendar)
        _ = try tool.importRegistry(registry, at: book.instant("05-01 13:00"))
        try tool.close()
        let report = try book.ingest([book.poll("05-01 14:00", [LogBook.live(5)], meter: MeterID(2))])
        #expect(report.accepted == 1)
    }

    @Test("batches that were stored are counted with what they took, those that failed are not")
    func durations() throws {
        let book = try LogBook()
        try book.write("live 05-01 12:00 1000\nlive 05-01 13:00 1100")
        let stored = book.store.commitDurations
        #expect(stored.counts.reduce(0, +) == 2)
        #expect(stored.sumMicroseconds > 0 && stored.cpuMicroseconds > 0)
        try book.store.close()
        #expect(throws: StoreError.self) { try book.store.ingest(book.outcomes) }
        #expect(book.store.commitDurations == stored)
    }
}

@Suite("Suspects in a row")
struct SuspectsInARowTests {
    @Test("one low reading among high ones does not let time make the high ones true")
    func lowInBetween() throws {
        let book = try LogBook(limits: ["sdm630": 10_000])
        try book.write(
            """
            live 05-02 12:00 1000000
            live 05-02 12:30 5000000
            live 05-02 13:00 0
            """)
        // 20 days at 10 kW are 4,800 kWh: the ceiling has room for it by now.
        let report = try book.ingest([book.poll("05-22 13:00", [LogBook.live(5_000_000)])])
        #expect(report.accepted == 0 && report.suspects == 1, "\(report)")
    }
}
