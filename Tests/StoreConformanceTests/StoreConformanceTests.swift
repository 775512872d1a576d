import Billing
import Metering
import Store
import Testing

/// What the rest of the house may ask of a store, and what it must answer: through its use cases alone, so that a store
/// on another database can be held against the same page.
@Suite("A store conforms")
struct StoreConformanceTests {
    private func day(_ text: String) -> ServiceDay { StoreUnderTest.day(text) }

    private static let week = """
        live S1 05-01 23:50 1000
        live S1 05-02 00:10 1200
        record S1 05-03 00:10 05-03 3000
        record S2 05-02 00:20 05-02 10
        record S2 05-03 00:20 05-03 20
        close 05-02
        close 05-03
        record S1 05-06 00:10 05-06 9000
        close 05-06
        """

    @Test(
        "the registry comes back as it was told, and searching finds usage points by name and customer",
        arguments: StoreKind.all)
    func registry(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        #expect(try page.store.registry() == StoreUnderTest.registry)
        #expect(try page.store.searchUsagePoints("P2", limit: 5).map(\.name) == ["P2"])
        #expect(try page.store.searchUsagePoints("Trần", limit: 5).map(\.name) == ["P1", "P2"])
        let before = try page.store.fieldVersion()
        _ = try page.store.importRegistry(StoreUnderTest.registry, at: StoreUnderTest.instant("05-02 00:00"))
        #expect(try page.store.fieldVersion() == before)
    }

    @Test(
        "readings become daily indices with quality, bound and consumption, and gaps are drawn when days close",
        arguments: StoreKind.all)
    func indices(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week)
        #expect(
            try page.indices() == """
                05-02 1100 measured ±112 r1 +1900
                05-03 3000 frozen ±0 r1 +2000
                05-04 5000 estimated ±4096 r1 +2000
                05-05 7000 estimated ±4096 r1 +2000
                05-06 9000 frozen ±0 r1
                """)
        #expect(try page.indices("P2") == "05-02 10 frozen ±0 r1 +400\n05-03 20 frozen ±0 r1")
    }

    @Test("batches that are handed over again, in any order, change nothing", arguments: StoreKind.all)
    func again(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week)
        let before = try (page.indices(), page.store.counts().indices, page.store.counts().readings)
        for batch in page.batches.reversed() { _ = try page.store.ingest(batch) }
        #expect(try (page.indices(), page.store.counts().indices, page.store.counts().readings) == before)
    }

    @Test(
        "a better or a person's value is the next revision; what it replaced, why and by whom stays",
        arguments: StoreKind.all)
    func revisions(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week + "\nday 06-20\nrecord S1 06-20 10:00 05-04 4000\nedit P1 05-04 4100")
        let revisions = try page.store.indexRevisions(
            usagePoint: "P1", register: .activeImport, from: day("05-04"), through: day("05-04"))
        #expect(revisions.map(\.index.index.wattHours) == [5000, 4000, 4100])
        #expect(revisions.map(\.index.quality) == [.estimated, .frozen, .edited])
        #expect(revisions.map(\.occasion?.source) == [nil, "frozen", "edit"])
        #expect(revisions.last?.occasion?.who == "Lan")
        try page.write("edit P1 05-03 3010")
        #expect(try page.store.reopenedDays() == [day("05-03")])
        #expect(try page.store.closeReopenedDays(at: StoreUnderTest.instant("07-01 10:00")) == [day("05-03")])
        // The estimate beside the new value is drawn anew from what is known now.
        try page.write("close 05-06")
        #expect(try page.indices().contains("05-05 6550 estimated"))
    }

    @Test("an index leads back to the words on the wire", arguments: StoreKind.all)
    func lineage(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week + "\nday 06-20")
        let record = try #require(try page.store.lineage(usagePoint: "P1", register: .activeImport, day: day("05-03")))
        #expect(record.readings.map(\.words) == [[0, 3000]])
        let drawn = try #require(try page.store.lineage(usagePoint: "P1", register: .activeImport, day: day("05-02")))
        #expect(drawn.readings.map(\.words) == [[0, 1000], [0, 1200]])
        while try page.store.forgetLineage(before: day("05-10")) {}
        let forgotten = try page.store.lineage(usagePoint: "P1", register: .activeImport, day: day("05-03"))
        #expect(forgotten?.readings.isEmpty ?? true)
        #expect(try page.indices().contains("05-03 3000"))
    }

    @Test("days are counted as they are closed, and owed records are known", arguments: StoreKind.all)
    func completeness(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week + "\nday 06-20")
        let counted = try page.store.completeness(of: day("05-03"))
        #expect(counted.expected == 2 && counted.frozen == 2 && counted.missing == 0)
        #expect(try page.store.completeness(of: day("05-06")).missing == 1)
        #expect(try page.store.lastClosedDay() == day("05-06"))
        let owed = try page.store.owedFrozenDays(from: day("05-02"), through: day("05-04"), profiles: ["em1"])
        let meter = try #require(try page.store.meter(atUsagePoint: "P1", on: day("05-03")))
        #expect(owed[meter.id] == [day("05-02"), day("05-04")])
    }

    @Test("everybody's day and every register's month come in one pass", arguments: StoreKind.all)
    func streams(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week + "\nday 06-20")
        let everybody = try page.store.everyUsagePoint(on: day("05-02"), register: .activeImport)
        #expect(everybody.map(\.consumption) == [Energy(wattHours: 1900), Energy(wattHours: 400)])
        var sums: [MeterID: Int64] = [:]
        try page.store.forEachRegister(from: day("05-02"), through: day("05-03")) { meter, _, indices in
            sums[meter] = indices.reduce(0) { $0 + $1.index.wattHours }
        }
        #expect(sums.sorted { $0.key.number < $1.key.number }.map(\.value) == [4100, 30])
    }

    @Test("a bill says which indices it stands on", arguments: StoreKind.all)
    func bill(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write("record S1 05-01 00:05 05-01 0\n" + Self.week + "\nday 06-20")
        let bill = try page.store.provisionalBill(
            usagePoint: "P1", asOf: day("05-06"), tariffs: try TariffBook.load(folder: nil))
        #expect(bill.bill.kwh == 9)
        #expect(bill.indices.map(\.index.revision) == bill.indices.map { _ in 1 })
    }

    @Test("half hours of those who are named are kept, and of nobody else", arguments: StoreKind.all)
    func loadProfile(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(
            "live S1 05-02 09:50 100\nlive S2 05-02 09:50 100\nlive S1 05-02 10:40 600\nlive S2 05-02 10:40 600")
        try page.write("day 06-20")
        let known = try page.store.loadProfile(
            usagePoint: "P1", register: nil, from: day("05-01"), through: day("05-31"))
        #expect(known.map(\.index.wattHours) == [200, 500])
        #expect(known.map(\.consumption?.wattHours) == [300, nil])
        #expect(
            try page.store.loadProfile(usagePoint: "P2", register: nil, from: day("05-01"), through: day("05-31"))
                .isEmpty)
    }

    @Test("what does not answer is named, and a gateway's state with it", arguments: StoreKind.all)
    func failures(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write("live S1 05-02 09:50 100\nsilent S2 05-02 09:55")
        let failures = try page.store.latestFailures(limit: 5)
        #expect(failures.map(\.usagePoint) == ["P2"])
        let gateway = try #require(try page.store.gateways(now: StoreUnderTest.instant("05-02 10:00")).first)
        #expect(gateway.gateway.name == "G1" && gateway.ok == 1)
    }

    @Test("history of an earlier system comes in once, and months are forgotten whole", arguments: StoreKind.all)
    func history(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        let meter = try #require(try page.store.meter(atUsagePoint: "P1", on: day("05-03"))).id
        let indices = (1...40).map {
            DailyIndex(
                day: day("05-01") + $0, index: Energy(wattHours: Int64($0) * 1000), quality: .frozen, errorBound: .zero)
        }
        let history = RegisterHistory(meter: meter, register: .activeImport, indices: indices)
        #expect(try page.store.adoptHistory([history], today: day("06-20")) == 40)
        #expect(try page.store.adoptHistory([history], today: day("06-20")) == 0)
        #expect(try page.indices().split(separator: "\n").count == 40)
        try page.write("day 07-20")
        while try page.store.compact(today: day("07-20")) != nil {}
        while try page.store.forgetIndices(before: day("06-02")) {}
        #expect(try page.indices().hasPrefix("06-01 31000"))
    }

    @Test("a copy is whole, and everything in it verifies", arguments: StoreKind.all)
    func verified(kind: StoreKind) throws {
        let page = try StoreUnderTest(kind)
        try page.write(Self.week + "\nday 06-20")
        var findings: [VerificationFinding] = []
        _ = try page.store.verify(VerificationScope(), found: { findings.append($0) })
        #expect(findings.map(\.description) == [])
    }
}
