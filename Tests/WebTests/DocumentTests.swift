import Billing
import Foundation
import Metering
import Store
import Testing

@testable import Web

@Suite("Documents")
struct DocumentTests {
    /// 200 kWh in May 2025, 58 of them before the prices rose on the 10th.
    private func quote() throws -> ProvisionalBill {
        let period = BillingPeriod.containing(try #require(ServiceDay(iso: "2025-05-15")), readingDay: 0)
        return try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: period, kwh: 200, kwhBeforeChange: 58))
    }

    @Test("a quote is the document of the contract, member by member")
    func writesQuote() throws {
        let json = BillDocument(quote: try quote()).json.text
        let line = {
            (day: String, end: String, decision: String, block: Int, kwh: Int, price: Int) in
            #"{"kind":"energy","from":"\#(day)","to":"\#(end)","decision":"\#(decision)","block":\#(block),"#
                + #""kwh":\#(kwh),"unit_price_vnd":\#(price),"amount_vnd":\#(kwh * price)}"#
        }
        let old = { line("2025-05-01", "2025-05-09", "2699/QĐ-BCT", $0, $1, $2) }
        let new = { line("2025-05-10", "2025-05-31", "1279/QĐ-BCT", $0, $1, $2) }
        let lines = [
            old(1, 15, 1893), old(2, 15, 1956), old(3, 28, 2271), new(1, 35, 1984), new(2, 35, 2050),
            new(3, 71, 2380), new(4, 1, 2998),
        ]
        let expected =
            #"{"category":"residential","period":{"from":"2025-05-01","to":"2025-05-31"},"provisional":true,"lines":["#
            + lines.joined(separator: ",")
            + #"],"kwh":200,"pre_vat_vnd":434491,"vat_percent":8,"vat_vnd":34759,"total_vnd":469250}"#
        #expect(json == expected)
    }

    @Test("a customer's bill says how much was measured, from which indices, and where it is heading")
    func writesCustomersBill() throws {
        let fixture = try WebFixture()
        let tariffs = try TariffBook.load(folder: nil)
        let bill = try fixture.store.provisionalBill(usagePoint: "P2", asOf: WebFixture.today, tariffs: tariffs)
        let json = BillDocument(bill).json.text
        #expect(json.contains(#""usage_point":"P2","as_of":"2025-05-11""#))
        // 1 May to 10 May; the missing index of 5 May makes the 4th and the 5th estimates.
        #expect(json.contains(#""coverage":{"days":10,"measured":8,"estimated":2,"missing":0}"#))
        #expect(
            json.contains(
                #"{"register":"import","meter":"S2","day":"2025-05-01","index_wh":518006,"#
                    + #""quality":"frozen","revision":1}"#))
        #expect(json.contains(#""projection":{"to":"2025-05-31","low_vnd":"#))
        // Of April its last six days, from the meter's first on; ten days of it there are not.
        #expect(
            json.hasSuffix(
                #","comparison":{"same_days":10,"previous":{"from":"2025-04-25","to":"2025-04-30","kwh":36,"#
                    + #""total_vnd":80812,"same_days_kwh":null},"year_before":null},"standing":{"block":1,"#
                    + #""unit_price_vnd":1984,"kwh_left":29,"next_unit_price_vnd":2050}}"#), "\(json.suffix(200))")
        let text = BillDocument(bill).text
        #expect(text.contains("Kỳ          01/05/2025 – 31/05/2025, tính đến hết 10/05/2025\n"))
        #expect(text.contains("8 trên 10 ngày đo được, 2 ngày ước tính."))
        #expect(text.contains("  S2 0h 11/05/2025: 548,016 kWh (chốt, lần 1)\n"))
    }

    @Test("a bill over days that nobody read says how many it projects and how, and that they are missing")
    func writesProjectedDays() throws {
        let fixture = try WebFixture()
        let bill = try fixture.store.provisionalBill(
            usagePoint: "P1", asOf: WebFixture.today + 3, tariffs: try TariffBook.load(folder: nil))
        let document = BillDocument(bill)
        #expect(
            document.json.text.contains(
                #""coverage":{"days":13,"measured":10,"estimated":0,"missing":3,"projected":3,"projected_by":["#
                    + #"{"method":"mean of 28 days","quality_code":12,"days":3,"energy_wh":30000}]}"#))
        #expect(document.json.text.contains(#""provisional":true"#))
        let told =
            "10 trên 13 ngày đo được, 3 ngày thiếu chỉ số, trong đó 3 ngày dự kiến 30,00 kWh (trung bình 28 ngày)."
        #expect(document.text.replacing("\n", with: " ").contains(told))
        #expect(document.htmlDocument(try Pages()).contains(told))
    }

    @Test("index CSV: consumption belongs to the day that starts at the index, multiplier applied, empty at the end")
    func writesIndexCSV() throws {
        let fixture = try WebFixture()
        let from = try #require(ServiceDay(iso: "2025-05-03"))
        let document = IndexDocument(
            usagePoint: "P2", from: from, through: from + 3,
            indices: try fixture.store.dailyIndices(usagePoint: "P2", register: nil, from: from, through: from + 3))
        #expect(
            document.csv == """
                usage_point,register,day,index_wh,consumption_wh,quality,revision
                P2,import,2025-05-03,524008,6002,frozen,1
                P2,import,2025-05-04,527009,6002,frozen,1
                P2,import,2025-05-05,530010,6002,estimated,1
                P2,import,2025-05-06,533011,6002,frozen,1

                """)
        #expect(
            document.json.text.hasPrefix(#"{"usage_point":"P2","from":"2025-05-03","to":"2025-05-06","indices":[{"#))
        let last = IndexDocument(
            usagePoint: "P1", from: WebFixture.today, through: WebFixture.today,
            indices: try fixture.store.dailyIndices(
                usagePoint: "P1", register: .activeImport, from: WebFixture.today, through: WebFixture.today))
        #expect(last.csv.hasSuffix("\nP1,import,2025-05-11,1160000,,frozen,1\n"))
    }

    @Test("a feed lists a missing day as one with nothing in it, and no day that is not due")
    func writesFeed() throws {
        let fixture = try WebFixture()
        let feed = try FeedDocument(
            reading: "P3", register: .activeImport, from: WebFixture.today.previous, to: WebFixture.today + 5,
            store: fixture.store)
        #expect(
            feed.csv == """
                \(FeedDay.csvHeader)\
                P3,import,2025-05-10,2025-05-10T00:00:00+07:00,2025-05-11T00:00:00+07:00,,,,,,,,,
                P3,import,2025-05-11,2025-05-11T00:00:00+07:00,2025-05-12T00:00:00+07:00,,,,,,,,,

                """)
        let known = try FeedDocument(
            reading: "P1", register: .activeImport, from: WebFixture.today.previous, to: WebFixture.today,
            store: fixture.store)
        #expect(
            known.days.first?.jsonLine(in: .vietnam) == """
                {"usage_point":"P1","register":"import","date":"2025-05-10","start":"2025-05-10T00:00:00+07:00",\
                "end":"2025-05-11T00:00:00+07:00","index_wh":1150000,"consumption_wh":10000,\
                "quality":{"code":19,"name":"frozen"},"error_bound_wh":0,"revision":1}

                """)
    }

    @Test("a revised day of a feed says since when, from where and why, and not by whom")
    func feedsRevision() throws {
        #expect(FeedDay.csvHeader.hasSuffix(",quality_code,quality,error_bound_wh,revision,since,source,reason\n"))
        let fixture = try WebFixture()
        let day = WebFixture.today - 3
        try fixture.store.edit(
            usagePoint: "P1", register: .activeImport, day: day, index: Energy(wattHours: 1_131_000),
            reason: "a photo, by the owner", by: "Lan", at: WebFixture.now)
        let feed = try FeedDocument(
            reading: "P1", register: .activeImport, from: day, to: day.next, store: fixture.store)
        let row = ",1131000,9000,7,edited,0,2,2025-05-10T17:30:00Z,edit,\"a photo, by the owner\"\n"
        #expect(feed.csv.hasSuffix(row), "\(feed.csv)")
        let member =
            #""revision":2,"cause":{"at":"2025-05-10T17:30:00Z","source":"edit","reason":"a photo, by the owner"}}"#
        #expect(feed.json.text.contains(member))
        var province = ""
        let rows = try fixture.store.everyUsagePoint(on: day, register: .activeImport)
        let document = DayFeedDocument(day: day, register: .activeImport, rows: rows, calendar: .vietnam)
        try document.writeCSV { province += $0 }
        #expect(province.contains(row) && province.components(separatedBy: ",edit,").count == 2)
        province = ""
        try document.writeJSONLines { province += $0 }
        #expect(province.contains(member) && !province.contains("Lan"))
    }

    @Test("the province's day has a row for everyone, the missing included")
    func writesWholeDay() throws {
        let fixture = try WebFixture()
        let day = try #require(ServiceDay(iso: "2025-05-05"))
        let document = DayFeedDocument(
            day: day, register: .activeImport,
            rows: try fixture.store.everyUsagePoint(on: day, register: .activeImport), calendar: .vietnam)
        var csv = ""
        try document.writeCSV { csv += $0 }
        #expect(
            csv == """
                \(FeedDay.csvHeader)\
                P1,import,2025-05-05,2025-05-05T00:00:00+07:00,2025-05-06T00:00:00+07:00,1100000,10000,19,frozen,0,1,,,
                P2,import,2025-05-05,2025-05-05T00:00:00+07:00,2025-05-06T00:00:00+07:00,\
                530010,6002,9,estimated,3072,1,,,
                P3,import,2025-05-05,2025-05-05T00:00:00+07:00,2025-05-06T00:00:00+07:00,,,,,,,,,

                """)
        var lines = ""
        try document.writeJSONLines { lines += $0 }
        #expect(lines.split(separator: "\n").count == 3)
        #expect(lines.contains(#""index_wh":null,"consumption_wh":null,"quality":null"#))
    }

    @Test("a correction goes from the cause by way of the days to the bill, as text and as JSON")
    func writesCorrection() throws {
        let fixture = try WebFixture()
        try fixture.store.edit(
            usagePoint: "P1", register: .activeImport, day: WebFixture.today - 3, index: Energy(wattHours: 1_131_000),
            reason: "a photo", by: "Lan", at: WebFixture.now)
        var documents: [CorrectionDocument] = []
        let more = try fixture.store.forEachCorrection(
            CorrectionFilter(), limit: 9, tariffs: try TariffBook.load(folder: nil)
        ) { documents.append(CorrectionDocument($0, calendar: .vietnam)) }
        #expect(documents.count == 1 && more == 0)
        let document = try #require(documents.first)
        let lines = document.text.split(separator: "\n")
        #expect(
            lines.dropLast() == [
                "P1  import  2025-05-11", "  2025-05-11T00:30:00+07:00 edit by Lan: a photo",
                "    S1 00:00 2025-05-08: 1130.000 kWh frozen r1 → 1131.000 kWh edited r2",
                "  energy of 2025-05-07: 10.000 kWh → 11.000 kWh (+1.000 kWh)",
                "  energy of 2025-05-08: 10.000 kWh → 9.000 kWh (-1.000 kWh)",
            ])
        #expect(lines.last?.hasPrefix("  bill of 2025-05-01…2025-05-31 as of 2025-05-11: 100 kWh, ") == true)
        #expect(lines.last?.hasSuffix(" VND, unchanged") == true)
        let json = document.json.text
        #expect(json.hasPrefix(#"{"usage_point":"P1","register":"import","made_on":"2025-05-11","indices":[{"#))
        #expect(json.contains(#""days":[{"day":"2025-05-07","before_wh":10000,"after_wh":11000},"#))
        #expect(json.contains(#""poll":null"#))
    }

    @Test("the status tells completeness, gateways, backlog and failures, as text and as JSON")
    func writesStatus() throws {
        let fixture = try WebFixture()
        let figures = try FleetFigures(store: fixture.store, at: WebFixture.now, calendar: .vietnam)
        let document = StatusDocument(figures, calendar: .vietnam)
        let json = document.json.text
        #expect(json.hasPrefix(#"{"at":"2025-05-11T00:30:00+07:00","last_closed_day":"2025-05-11","completeness":"#))
        #expect(
            json.contains(
                #""completeness":{"day":"2025-05-11","closed":true,"expected":3,"valid":2,"frozen":2,"measured":0,"#
                    + #""edited":0,"estimated":0,"missing":1}"#))
        #expect(json.contains(#""gateways":{"total":2,"online":1,"degraded":0,"offline":1}"#))
        #expect(json.contains(#""backlog":{"days_not_closed":0,"indices_missing":1,"indices_estimated":0}"#))
        #expect(json.contains(#""usage_point":"P3","meter":"S3","gateway":"G2","kind":"timeout""#))
        let text = document.text
        #expect(text.contains("hợp lệ 66,66 %: 2 trên 3 công tơ phải đọc"))
        #expect(text.contains("mất liên lạc  1"))
        #expect(text.contains("3 lần"))
    }
}
