import Billing
import Testing

@testable import Web

@Suite("Amounts in words")
struct AmountInWordsTests {
    @Test(
        "are said as a Vietnamese reader says them",
        arguments: [
            (0, "Không đồng"), (1, "Một đồng"), (4, "Bốn đồng"), (5, "Năm đồng"), (10, "Mười đồng"),
            (11, "Mười một đồng"), (14, "Mười bốn đồng"), (15, "Mười lăm đồng"), (20, "Hai mươi đồng"),
            (21, "Hai mươi mốt đồng"), (24, "Hai mươi tư đồng"), (25, "Hai mươi lăm đồng"),
            (91, "Chín mươi mốt đồng"), (100, "Một trăm đồng"), (101, "Một trăm linh một đồng"),
            (104, "Một trăm linh bốn đồng"), (105, "Một trăm linh năm đồng"), (110, "Một trăm mười đồng"),
            (115, "Một trăm mười lăm đồng"), (999, "Chín trăm chín mươi chín đồng"), (1000, "Một nghìn đồng"),
            (1001, "Một nghìn không trăm linh một đồng"), (1010, "Một nghìn không trăm mười đồng"),
            (1024, "Một nghìn không trăm hai mươi tư đồng"), (10_000, "Mười nghìn đồng"),
            (21_000, "Hai mươi mốt nghìn đồng"), (105_000, "Một trăm linh năm nghìn đồng"),
            (469_250, "Bốn trăm sáu mươi chín nghìn hai trăm năm mươi đồng"),
            (558_986, "Năm trăm năm mươi tám nghìn chín trăm tám mươi sáu đồng"), (1_000_000, "Một triệu đồng"),
            (1_000_005, "Một triệu không trăm linh năm đồng"),
            (1_005_000, "Một triệu không trăm linh năm nghìn đồng"),
            (2_015_300, "Hai triệu không trăm mười lăm nghìn ba trăm đồng"), (1_000_000_000, "Một tỷ đồng"),
            (1_000_000_001, "Một tỷ không trăm linh một đồng"),
            (3_020_000_000, "Ba tỷ không trăm hai mươi triệu đồng"), (12_000_000_000, "Mười hai tỷ đồng"),
            (1_000_000_000_000, "Một nghìn tỷ đồng"), (1_000_000_000_000_000_000, "Một tỷ tỷ đồng"),
            (-15_000, "Âm mười lăm nghìn đồng"),
            (
                .max,
                "Chín tỷ hai trăm hai mươi ba triệu ba trăm bảy mươi hai nghìn không trăm ba mươi sáu tỷ "
                    + "tám trăm năm mươi tư triệu bảy trăm bảy mươi lăm nghìn tám trăm linh bảy đồng"
            ),
        ] as [(Int64, String)])
    func says(dong: Int64, words: String) {
        #expect(AmountInWords.text(Money(dong: dong)) == words)
    }

    @Test("of the smallest 64-bit number stop nobody")
    func saysSmallest() {
        #expect(AmountInWords.text(Money(dong: .min)).hasPrefix("Âm chín tỷ hai trăm hai mươi ba triệu"))
    }
}

@Suite("Tariff categories in words")
struct TariffCategoryNameTests {
    @Test("every category that can be billed has words in both languages")
    func namesTariffs() throws {
        for category in try TariffBook.load(folder: nil).categories {
            let name = try #require(TariffCategoryName(category), "\(category) has no words")
            #expect(!name.vietnamese.isEmpty && !name.english.isEmpty)
        }
    }

    @Test(
        "a group is followed by voltage, place and use",
        arguments: [
            ("residential", "Sinh hoạt", "residential"),
            ("production_ge110kv", "Sản xuất, từ 110 kV trở lên", "production, 110 kV and above"),
            ("production_22_110kv", "Sản xuất, từ 22 kV đến dưới 110 kV", "production, 22 to below 110 kV"),
            ("business_lt6kv", "Kinh doanh, dưới 6 kV", "business, below 6 kV"),
            (
                "admin_other_ge6kv", "Chiếu sáng công cộng, đơn vị hành chính sự nghiệp, từ 6 kV trở lên",
                "public lighting, administration, 6 kV and above"
            ),
            (
                "wholesale_rural_residential", "Bán buôn, nông thôn, sinh hoạt", "wholesale, rural, residential use"
            ),
            ("wholesale_market", "Bán buôn, chợ", "wholesale, market"),
        ])
    func names(category: String, vietnamese: String, english: String) {
        let name = TariffCategoryName(category)
        #expect(name?.vietnamese == vietnamese && name?.english == english)
    }

    @Test(
        "an unknown category has none",
        arguments: ["", "castle", "residential_castle", "production_moon", "businesslt6kv"])
    func unknown(category: String) { #expect(TariffCategoryName(category) == nil) }
}
