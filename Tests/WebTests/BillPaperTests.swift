import Billing
import Foundation
import Metering
import Testing

@testable import Web

@Suite("A bill on paper")
struct BillPaperTests {
    /// 200 kWh in May 2025, 58 of them before the prices rose on the 10th.
    private func quote() throws -> ProvisionalBill {
        let period = BillingPeriod.containing(try #require(ServiceDay(iso: "2025-05-15")), readingDay: 0)
        return try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: period, kwh: 200, kwhBeforeChange: 58))
    }

    @Test("for a terminal a quote stands line by line, in Vietnamese numbers and words, and says it is provisional")
    func writesText() throws {
        let text = BillDocument(quote: try quote()).text
        #expect(
            text == """
                HÓA ĐƠN TIỀN ĐIỆN TẠM TÍNH (provisional electricity bill)
                Hóa đơn này là tạm tính, không thay thế hóa đơn do công ty điện lực phát hành; khi khác nhau, hóa
                đơn phát hành là căn cứ.

                Giá điện    Sinh hoạt (residential)
                Kỳ          01/05/2025 – 31/05/2025

                  Bậc            Từ – đến            Quyết định   kWh  Đơn giá  Thành tiền
                  Bậc 1          01/05 – 09/05/2025  2699/QĐ-BCT   15  1.893 đ    28.395 đ
                  Bậc 2          01/05 – 09/05/2025  2699/QĐ-BCT   15  1.956 đ    29.340 đ
                  Bậc 3          01/05 – 09/05/2025  2699/QĐ-BCT   28  2.271 đ    63.588 đ
                  Bậc 1          10/05 – 31/05/2025  1279/QĐ-BCT   35  1.984 đ    69.440 đ
                  Bậc 2          10/05 – 31/05/2025  1279/QĐ-BCT   35  2.050 đ    71.750 đ
                  Bậc 3          10/05 – 31/05/2025  1279/QĐ-BCT   71  2.380 đ   168.980 đ
                  Bậc 4          10/05 – 31/05/2025  1279/QĐ-BCT    1  2.998 đ     2.998 đ
                  Trước thuế                                      200            434.491 đ
                  Thuế GTGT 8 %                                                   34.759 đ
                  TỔNG CỘNG                                                      469.250 đ
                  Bằng chữ: Bốn trăm sáu mươi chín nghìn hai trăm năm mươi đồng.

                Lưu ý: Prices changed on 2025-05-10: 58 kWh before it.

                """)
    }

    @Test("a customer's text has the meter's steps and earlier periods in columns")
    func writesCustomersText() throws {
        let text = BillDocument(try BillSamples.running()).text
        for line in [
            "Khách hàng  Trần Văn <Bình> & Phạm Thị Cúc", "Điểm đo     PA09010000007 · trạm T1 · khu vực PA0901",
            "Giá điện    Sinh hoạt, nhiều hộ dùng chung công tơ (residential, several households) · 1,5 hộ",
            "  Công tơ  Bộ số  Từ 0h       Đến 0h       Chỉ số đầu  Chỉ số cuối  Hệ số      kWh",
            "  S-0071   Tổng   01/05/2025  10/05/2025   99.812,006  100.011,950      1  199,944",
            "                                              20 ngày đầu  kỳ này so    Cả kỳ    Tiền điện",
            "  Kỳ này             01/05/2025 – 31/05/2025      640 kWh                   –            –",
            "  Cùng kỳ năm trước  01/05/2024 – 31/05/2024      695 kWh       -8 %        –            –",
        ] {
            #expect(text.contains("\n" + line + "\n"), "\(line) is not in\n\(text)")
        }
    }

    @Test("text keeps to a terminal of 100 columns")
    func keepsToColumns() throws {
        for (name, bill) in try BillSamples.all {
            for line in BillDocument(bill).text.split(separator: "\n") {
                #expect(line.count <= 100, "\(name): \(line)")
            }
        }
    }

    @Test("the paper stands alone, escapes what people wrote, and says that the issued invoice prevails")
    func standsAlone() throws {
        let pages = try Pages()
        let papers = try BillSamples.all.map { BillDocument($0.bill) } + [BillDocument(quote: try quote())]
        for paper in papers.map({ $0.htmlDocument(pages) }) {
            #expect(!paper.contains("http") && !paper.contains("<script") && !paper.contains("url("))
            #expect(!paper.contains("{{"))
            #expect(paper.contains("không thay thế hóa đơn do công ty điện lực phát hành"))
            #expect(paper.contains("the issued invoice prevails"))
        }
        let running = BillDocument(try BillSamples.running()).htmlDocument(pages)
        #expect(running.contains("Trần Văn &lt;Bình&gt; &amp; Phạm Thị Cúc"))
    }

    @Test("the paper has the total in figures and words, readings with their day and kind, and lines by decision")
    func showsWhatCounts() throws {
        let html = BillDocument(try BillSamples.household()).htmlDocument(try Pages())
        for part in [
            "<p class=\"sum\">568.242 <small>đ</small></p>",
            "<em>Năm trăm sáu mươi tám nghìn hai trăm bốn mươi hai đồng.</em>", "Nguyễn Thị Hồng Nhung",
            "4.373,118<small>10/05/2025 · đo <span lang=\"en\">measured</span></small>",
            "01/05 – 09/05/2025 · Quyết định <span lang=\"en\">decision</span> 2699/QĐ-BCT",
            "10/05 – 31/05/2025 · Quyết định <span lang=\"en\">decision</span> 1279/QĐ-BCT",
            "Bậc 4 <span lang=\"en\">block 4</span>", "<rect class=\"measured\" x=\"0\" width=\"29\" height=\"1\"/>",
            "<rect class=\"estimated\" x=\"29\" width=\"2\" height=\"1\"/>", "<small>kỳ này +13 %</small>",
        ] {
            #expect(html.contains(part), "\(part) is not in the paper")
        }
    }

    @Test("days that are projected and days to come have their own part of the bar")
    func showsDays() throws {
        let document = BillDocument(try BillSamples.running())
        let days = document.dayKinds.map { "\($0.kind.rawValue) \($0.days)" }
        #expect(days == ["measured 15", "estimated 3", "projected 2", "to-come 11"])
        let html = document.htmlDocument(try Pages())
        #expect(html.contains("<rect class=\"to-come\" x=\"20\" width=\"11\" height=\"1\"/>"))
        #expect(html.contains("<td class=\"n\" data-label=\"Điện năng, kWh\">66,224</td>"), "what is projected")
    }

    @Test("three rates and a dial behind a transformer have their words")
    func showsRates() throws {
        let html = BillDocument(try BillSamples.business()).htmlDocument(try Pages())
        for part in [
            "Giờ thấp điểm <span lang=\"en\">off-peak hours</span>", "Giờ cao điểm <span lang=\"en\">peak hours</span>",
            "Kinh doanh, từ 22 kV trở lên", "<td class=\"n\" data-label=\"Hệ số\">40</td>", "Biểu 3",
        ] {
            #expect(html.contains(part), "\(part) is not in the paper")
        }
        #expect(!html.contains("So sánh"), "nothing earlier is known")
    }

    @Test("the charge for reactive energy has its own words and no kWh of the bill around it")
    func reactive() throws {
        let document = BillDocument(try BillSamples.business())
        let html = document.htmlDocument(try Pages())
        let row = try #require(html.components(separatedBy: "Công suất phản kháng").last)
        #expect(row.contains("11.900 kvarh, cos φ 0,86, k = 4,65 %"))
        #expect(row.contains(#"</th><td class="n"></td><td class="n"></td><td class="n">2.839.917</td>"#))
        #expect(document.text.contains("Công suất phản kháng: 11.900 kvarh, cos φ 0,86, k = 4,65 %."))
        #expect(document.text.contains("Biểu 2"))
    }

    @Test(
        "papers to be looked at are written where METERD_PAPERS names a folder",
        .enabled(if: ProcessInfo.processInfo.environment["METERD_PAPERS"] != nil))
    func writesSamples() throws {
        let folder = URL(fileURLWithPath: try #require(ProcessInfo.processInfo.environment["METERD_PAPERS"]))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pages = try Pages()
        for (name, bill) in try BillSamples.all {
            let document = BillDocument(bill)
            try document.htmlDocument(pages).write(
                to: folder.appending(path: "\(name).html"), atomically: true, encoding: .utf8)
            try document.text.write(to: folder.appending(path: "\(name).txt"), atomically: true, encoding: .utf8)
        }
    }
}
