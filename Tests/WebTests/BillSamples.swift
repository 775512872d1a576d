import Metering
import VEE

@testable import Billing
@testable import Store

/// Bills made by hand, to be looked at and to be held against what paper must say.
enum BillSamples {
    private static func day(_ iso: String) throws -> ServiceDay {
        guard let day = ServiceDay(iso: iso) else { throw NoSuchDay(iso: iso) }
        return day
    }

    private struct NoSuchDay: Error { let iso: String }

    private static func period(_ from: String, _ through: String) throws -> BillingPeriod {
        guard let period = BillingPeriod(from: try day(from), through: try day(through)) else {
            throw NoSuchDay(iso: through)
        }
        return period
    }

    /// An earlier period of the sample, priced as it was.
    private static func earlier(
        _ period: BillingPeriod, kwh: Int64?, same: Int64?, category: String = "residential", households: Int = 100
    ) throws -> BillComparison.Earlier {
        BillComparison.Earlier(
            period: period, kwh: kwh, total: try kwh.map { try total($0, period, category, households) },
            kwhOfSameDays: same)
    }

    private static func total(
        _ kwh: Int64, _ period: BillingPeriod, _ category: String, _ households: Int
    ) throws -> Money {
        try TariffBook.load(folder: nil).bill(
            BillRequest(category: category, period: period, kwh: kwh, householdHundredths: households)
        ).total
    }

    private static func index(
        _ iso: String, _ wattHours: Int64, _ quality: IndexQuality = .frozen, revision: Int = 1
    ) throws -> DailyIndex {
        DailyIndex(
            day: try day(iso), index: Energy(wattHours: wattHours), quality: quality, errorBound: .zero,
            revision: revision)
    }

    private static func step(
        _ serial: String, _ start: DailyIndex, _ end: DailyIndex, multiplier: Int64 = 1,
        _ register: Register = .activeImport
    ) -> CustomerBill.DialStep {
        CustomerBill.DialStep(
            register: register, serial: serial, multiplier: multiplier, start: start, end: end,
            energy: (end.index - start.index) * multiplier)
    }

    private static func used(_ serial: String, _ indices: [DailyIndex]) -> [CustomerBill.UsedIndex] {
        indices.map { CustomerBill.UsedIndex(register: .activeImport, serial: serial, index: $0, cause: nil) }
    }

    /// A household's whole May 2025, in which prices rose on the 10th, beside April and the May before.
    static func household() throws -> CustomerBill {
        let may = try period("2025-05-01", "2025-05-31")
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(category: "residential", period: may, kwh: 231, kwhBeforeChange: 63))
        let indices = [
            try index("2025-05-01", 4_310_402), try index("2025-05-10", 4_373_118, .measured),
            try index("2025-06-01", 4_541_777),
        ]
        return CustomerBill(
            usagePoint: UsagePoint(
                name: "PA09010012345", customer: "Nguyễn Thị Hồng Nhung", station: "Đông Hưng 7", district: "PA0901",
                voltage: "220 V"),
            asOf: try day("2025-06-01"), knownAt: nil, period: may, bill: bill,
            steps: [step("20184411", indices[0], indices[1]), step("20184411", indices[1], indices[2])],
            coverage: BillCoverage(days: 31, measured: 29, estimated: 2), projected: [],
            indices: used("20184411", indices), projection: nil, notes: [],
            comparison: BillComparison(
                sameDays: 31,
                previous: try earlier(try period("2025-04-01", "2025-04-30"), kwh: 187, same: nil),
                yearBefore: try earlier(try period("2024-05-01", "2024-05-31"), kwh: 204, same: 204)))
    }

    /// Twenty days of a house for one and a half households with all blocks at both prices, three days estimated and
    /// two projected: as long as an everyday bill gets.
    static func running() throws -> CustomerBill {
        let may = try period("2025-05-01", "2025-05-31")
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(
                category: "residential_shared", period: try period("2025-05-01", "2025-05-20"), kwh: 640,
                kwhBeforeChange: 200, householdHundredths: 150, periodEnd: may.through))
        let indices = [
            try index("2025-05-01", 99_812_006), try index("2025-05-10", 100_011_950, .estimated, revision: 2),
            try index("2025-05-19", 100_386_062),
        ]
        let projected = try ["2025-05-19", "2025-05-20"].map {
            ProjectedDay(day: try day($0), energy: Energy(wattHours: 33_112), method: .meanOf28Days)
        }
        return CustomerBill(
            usagePoint: UsagePoint(
                name: "PA09010000007", customer: "Trần Văn <Bình> & Phạm Thị Cúc", station: "T1", district: "PA0901",
                category: "residential_shared", householdHundredths: 150),
            asOf: try day("2025-05-21"), knownAt: nil, period: may, bill: bill,
            steps: [step("S-0071", indices[0], indices[1]), step("S-0071", indices[1], indices[2])],
            coverage: BillCoverage(days: 20, measured: 15, estimated: 3, missing: 2, projected: 2),
            projected: projected, indices: used("S-0071", indices),
            projection: BillProjection(
                to: may.through, low: try total(931, may, "residential_shared", 150),
                expected: try total(1012, may, "residential_shared", 150),
                high: try total(1100, may, "residential_shared", 150)),
            notes: [
                "Meter S-0071 has no index of 2025-05-21; 2 days from 2025-05-19 on are projected.",
                "The index of the price change on 2025-05-10 is estimated, between the days known around it.",
            ],
            comparison: BillComparison(
                sameDays: 20,
                previous: try earlier(
                    try period("2025-04-01", "2025-04-30"), kwh: 848, same: 567, category: "residential_shared",
                    households: 150),
                yearBefore: try earlier(try period("2024-05-01", "2024-05-31"), kwh: nil, same: 695)))
    }

    /// A workshop at 22 kV with three rates, whose dials count through a transformer, as a bill of another kind of
    /// price would look; the prices are those of 1279/QĐ-BCT for business from 22 kV.
    static func business() throws -> CustomerBill {
        let june = try period("2025-06-01", "2025-06-30")
        let bill = try TariffBook.load(folder: nil).bill(
            BillRequest(
                category: "business_ge22kv", period: june, kwh: 19_720,
                rated: RatedKWh(normal: 11_200, offpeak: 4_120, peak: 4_400), kvarh: 11_900))
        let registers: [(Register, Int64, Int64)] = [
            (.activeImportT1, 1_204_330, 1_484_330), (.activeImportT2, 408_902, 511_902),
            (.activeImportT3, 377_015, 487_015),
        ]
        let steps = try registers.map { register, start, end in
            step("ADL-22-00318", try index("2025-06-01", start), try index("2025-07-01", end), multiplier: 40, register)
        }
        return CustomerBill(
            usagePoint: UsagePoint(
                name: "PA09050000021", customer: "Công ty TNHH Dệt may Thái Bình", station: "KCN Phúc Khánh 3",
                district: "PA0905", category: "business_ge22kv", voltage: "22 kV"),
            asOf: try day("2025-07-01"), knownAt: nil, period: june, bill: bill, steps: steps,
            coverage: BillCoverage(days: 30, measured: 30), projected: [], indices: [], projection: nil, notes: [],
            comparison: nil)
    }

    static var all: [(name: String, bill: CustomerBill)] {
        get throws {
            [("household", try household()), ("running", try running()), ("business", try business())]
        }
    }
}
