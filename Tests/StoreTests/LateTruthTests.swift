import Billing
import Metering
import Testing

@testable import Store

/// A real index that comes after a bill: a page of the log book, from the outage to the answer that the customer gets.
@Suite("Late truth")
struct LateTruthTests {
    private static func bill(_ book: LogBook, _ customer: String, knownAt: String? = nil) throws -> CustomerBill {
        try book.store.provisionalBill(
            usagePoint: customer, asOf: book.day("06-01"), knownAt: knownAt.map(book.instant),
            tariffs: .load(folder: nil))
    }

    private static func feed(_ book: LogBook, _ day: String) throws -> [String] {
        try book.store.everyUsagePoint(on: book.day(day), register: .activeImport).map { row in
            let index = row.index.map { "\($0.index.wattHours) \($0.quality.name) r\($0.revision)" } ?? "missing"
            return "\(row.usagePoint.suffix(1)) \(index)" + (row.cause.map { " \($0.source): \($0.reason)" } ?? "")
        }
    }

    @Test("the old bill stays readable to the dong, the new one names the cause, the feed carries the revision")
    func afterTheBill() throws {
        let book = try CorrectionTests.province()
        let (first, others) = (CorrectionTests.customers[0], CorrectionTests.customers.dropFirst())
        // Three nights without the first customer's meter, over the end of the month; the close of 2 June draws them.
        try CorrectionTests.nights(CorrectionTests.may, without: ["05-30", "05-31"], book)
        try CorrectionTests.nights(["06-01"], without: ["06-01"], book, firstDay: 31)
        try CorrectionTests.nights(["06-02"], book, firstDay: 32)
        let told = try Dictionary(
            uniqueKeysWithValues: CorrectionTests.customers.map { ($0, try Self.bill(book, $0)) })
        let old = try #require(told[first])
        #expect(old.bill.kwh == 310 && old.indices.last?.index.quality == .estimated)
        #expect(old.indices.last?.cause == nil)
        let before = ["1 1310000 estimated r1", "2 1310000 frozen r1", "3 1310000 frozen r1"]
        #expect(try Self.feed(book, "06-01") == before)

        // On 5 June the meter answers with its own record of that midnight.
        try book.write("frozen 06-05 05:00 06-01 1304000")
        try book.close("06-05")

        let new = try Self.bill(book, first)
        #expect(new.bill.kwh == 304 && new.bill.total < old.bill.total)
        let cause = try #require(new.indices.last?.cause)
        #expect(cause.at == book.instant("06-05 05:00"))
        #expect(cause.source == "frozen" && cause.reason == "the meter's own record")
        let known = try Self.bill(book, first, knownAt: "06-03 12:00")
        #expect(known.bill == old.bill && known.indices == old.indices && known.coverage == old.coverage)

        #expect(
            try Self.feed(book, "06-01")
                == ["1 1304000 frozen r2 frozen: the meter's own record"] + before.dropFirst())
        #expect(
            try Self.feed(book, "05-31").first
                == "1 1296000 estimated r2 day close: between the indices of 2025-05-29 and 2025-06-01")

        // Nobody else's bill has changed, and none is rated again.
        for customer in others { #expect(try Self.bill(book, customer) == told[customer]) }
        var corrections: [Correction] = []
        _ = try book.store.forEachCorrection(
            CorrectionFilter(since: book.instant("06-03 00:00")), limit: nil, tariffs: .load(folder: nil)
        ) { corrections.append($0) }
        #expect(corrections.map(\.usagePoint.name) == [first])
        let bills = try #require(corrections.first).bills
        #expect(bills.map(\.period.from) == [book.day("05-01"), book.day("06-01")])
        #expect(bills.first?.before == old.bill && bills.first?.after == new.bill)
    }
}
