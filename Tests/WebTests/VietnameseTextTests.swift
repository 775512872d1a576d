import Billing
import Metering
import Store
import Testing
import VEE

@testable import Web

@Suite("Vietnamese text")
struct VietnameseTextTests {
    @Test("has a word for each kind of case that meters and shipped rules open")
    func kindsOfCases() throws {
        let off = ["power-factor", "low", "spike"]
        for kind in try RuleBook.load(file: nil).rules.map(\.name) + RuleBook.reserved + off {
            #expect(VietnameseText.name(MeterCase.Kind(rawValue: kind)) != kind)
        }
    }

    @Test(
        "a dot groups thousands",
        arguments: [
            (0, "0"), (7, "7"), (999, "999"), (1000, "1.000"), (12_345, "12.345"), (469_250, "469.250"),
            (1_000_000, "1.000.000"), (-1234, "-1.234"), (Int64.min, "-9.223.372.036.854.775.808"),
        ] as [(Int64, String)])
    func groupsThousands(value: Int64, text: String) {
        #expect(VietnameseText.grouped(value) == text)
        #expect(VietnameseText.dong(Money(dong: value)) == text + " đ")
    }

    @Test(
        "kilowatt-hours round half away from zero, with a comma",
        arguments: [
            (0, 2, "0,00"), (5, 2, "0,01"), (4, 2, "0,00"), (-5, 2, "-0,01"), (-4, 2, "0,00"),
            (1_234_567, 3, "1.234,567"),
            (1_234_567, 2, "1.234,57"), (1_234_567, 1, "1.234,6"), (1_234_567, 0, "1.235"), (999_995, 2, "1.000,00"),
            (499, 0, "0"), (500, 0, "1"), (Int64.min, 3, "-9.223.372.036.854.775,808"),
        ] as [(Int64, Int, String)])
    func writesKilowattHours(wattHours: Int64, decimals: Int, text: String) {
        #expect(VietnameseText.kilowattHours(Energy(wattHours: wattHours), decimals: decimals) == text)
    }

    @Test(
        "a share is rounded down, so 100 % means all of them",
        arguments: [
            (726_994, 726_995, "99,99 %"), (726_995, 726_995, "100,00 %"), (0, 5, "0,00 %"), (1, 3, "33,33 %"),
            (0, 0, "–"),
        ] as [(Int, Int, String)])
    func writesShares(part: Int, whole: Int, text: String) {
        #expect(VietnameseText.percent(part, of: whole) == text)
    }

    @Test(
        "a change is a rounded share of what was before, and none of nothing",
        arguments: [
            (100, 112, "+12 %"), (155, 142, "-8 %"), (200, 201, "+1 %"), (200, 199, "-1 %"), (1000, 1004, "0 %"),
            (7, 7, "0 %"), (5, 0, "-100 %"), (1, 31, "+3.000 %"), (0, 31, nil), (-1, 31, nil), (.max, .min, nil),
            (1, .max, nil),
        ] as [(Int64, Int64, String?)])
    func writesChange(before: Int64, now: Int64, text: String?) {
        #expect(VietnameseText.change(from: before, to: now) == text)
    }

    @Test(
        "hundredths end in no zero",
        arguments: [(100, "1"), (150, "1,5"), (175, "1,75"), (105, "1,05"), (25, "0,25"), (120_000, "1.200")])
    func writesHundredths(value: Int, text: String) { #expect(VietnameseText.hundredths(value) == text) }

    @Test("days and moments are written day first, in the utility's zone")
    func writesDays() throws {
        let instant = try #require(Instant(rfc3339: "2025-05-09T17:03:05Z"))
        #expect(VietnameseText.moment(instant, in: .vietnam) == "10/05/2025 00:03:05")
        let sunday = try #require(ServiceDay(iso: "2025-05-11"))
        #expect(VietnameseText.weekday(sunday) == "CN")
        #expect(VietnameseText.weekday(sunday.next) == "T2")
    }

    @Test(
        "how long ago is told in the largest full unit",
        arguments: [
            (0, "vừa xong"), (59, "59 giây trước"), (60, "1 phút trước"), (3599, "59 phút trước"),
            (3600, "1 giờ trước"),
            (86_399, "23 giờ trước"), (86_400, "1 ngày trước"), (-10, "vừa xong"),
        ] as [(Int64, String)])
    func tellsAge(seconds: Int64, text: String) {
        let now = Instant(seconds: 1_746_800_000)
        #expect(VietnameseText.ago(now - .seconds(seconds), now: now) == text)
        #expect(VietnameseText.ago(nil, now: now) == "chưa bao giờ")
    }
}
