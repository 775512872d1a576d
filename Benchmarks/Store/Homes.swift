import Foundation
import Metering

/// What the dials of a province show day by day, from a seed: a log-normal base load with a Pareto tail, season,
/// weekend, weather and a home's own mood (both AR(1)), vacations, 1.5 % dead and 3.5 % empty homes; 0.85 % of the days
/// missing in runs, 0.5 % estimated. Floating point is at home here: these are the world's values, not ours.
struct Homes {
    static let regions = 8
    /// Every twentieth meter shows four registers beside its total: three rates, which add up to it, and one more.
    static let others: [Register] = rates + [.reactiveImport]
    private static let rates: [Register] = [.activeImportT1, .activeImportT2, .activeImportT3]
    private static let shares = [0.55, 0.2, 0.25, 0.3]
    /// Of the base load in Wh, so that the mean over all homes is 8.1 kWh a day.
    private static let median = 6300.0
    private static let spread = 0.65

    private let days: Int
    /// Days from here on come by polls, which estimate nothing.
    private let polledFrom: Int
    private let seed: UInt64
    private let season: [Double]
    private let isWeekend: [Bool]
    /// Region after region.
    private let weather: [Double]

    init(seed: UInt64, first: ServiceDay, days: Int, polledFrom: Int) {
        self.seed = seed
        self.days = days
        self.polledFrom = polledFrom
        season = (0..<days).map { 0.22 * cos(2 * .pi * Double(Int(first.number) + $0 - 190) / 365.25) }
        isWeekend = (0..<days).map { (first + $0).weekday >= 6 }
        var random = SeededRandom(seed: seed &+ 0x5EA5)
        var weather: [Double] = []
        for _ in 0..<Self.regions {
            var state = 0.0
            for _ in 0..<days {
                state = 0.75 * state + 0.06 * random.normal()
                weather.append(state)
            }
        }
        self.weather = weather
    }

    static func registers(of meter: Int) -> [Register] {
        meter % 20 == 19 ? [.activeImport] + others : [.activeImport]
    }

    /// Registers of the meters before this one.
    static func rows(before meter: Int) -> Int { meter + meter / 20 * others.count }

    /// Appends the days of all registers of a meter. Returns the entropy in bits that the home's own mood has put into
    /// them: no code can do with less.
    func append(_ meter: Int, to dials: inout [Dial]) -> Double {
        var random = SeededRandom(seed: SeededRandom.mixed(seed &+ UInt64(meter) &* 0x9E37_79B9))
        var bits = 0.0
        let base = min(Self.median * exp(Self.spread * random.normal()) * random.pareto(share: 0.03), 150_000)
        let kind = random.unit()
        func append(_ share: Double) -> [Int64] {
            let level = kind < 0.015 ? 0 : kind < 0.05 ? 150 * random.unit() : base * share
            let course = course(level: level, region: meter % Self.regions, &random)
            bits += course.bits
            return course.dials
        }
        let registers = Self.registers(of: meter)
        guard registers.count > 1 else {
            self.append(append(1), &random, to: &dials)
            return bits
        }
        let others = Self.shares.map(append)
        // What the rates tell leaves nothing to be told by their sum.
        let whole = (0..<days).map { day in others[..<Self.rates.count].reduce(0) { $0 + $1[day] } }
        for register in [whole] + others { self.append(register, &random, to: &dials) }
        return bits
    }

    /// Which of the days are missing or estimated.
    private func append(_ course: [Int64], _ random: inout SeededRandom, to dials: inout [Dial]) {
        var missing = 0
        for day in 0..<days {
            let isMissing: Bool
            if missing > 0 {
                missing -= 1
                isMissing = true
            } else {
                isMissing = random.unit() < 0.00368
                if isMissing { missing = Int(3 * random.unit()) + Int(1.6 * random.unit()) }
            }
            let isEstimated = day < polledFrom && random.unit() < 0.0061
            dials.append(isMissing ? .missing : Dial(course[day], isEstimated: isEstimated))
        }
    }

    /// What a dial shows at the start of each day, in watt-hours.
    private func course(
        level: Double, region: Int, _ random: inout SeededRandom
    ) -> (dials: [Int64], bits: Double) {
        let own = 0.13 + 0.22 * random.unit()
        let seasonal = 2 * random.unit()
        let weekend = 1 + 0.2 * (random.unit() - 0.3)
        let feels = 2 * random.unit()
        var dial = level * 365 * 8 * random.unit()
        var (mood, bits) = (0.0, 0.0)
        var vacation = 0
        var dials: [Int64] = []
        dials.reserveCapacity(days)
        for day in 0..<days {
            dials.append(Int64(dial))
            if vacation > 0 { vacation -= 1 } else if random.unit() < 0.005 { vacation = 3 + Int(11 * random.unit()) }
            let expected = 0.35 * mood
            mood = expected + own * random.normal()
            let known =
                exp(seasonal * season[day] + feels * weather[region * days + day])
                * (isWeekend[day] ? weekend : 1) * (vacation > 0 ? 0.1 : 1) * level
            // Of a normal with this deviation, in whole watt-hours.
            if known > 0 { bits += max(0, log2(own * known * 4.1327) + expected * 1.4427) }
            dial += min(known * exp(mood), 1_500_000)
        }
        return (dials, bits)
    }
}

extension SeededRandom {
    /// From 0, below 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Nearly normal: eight uniform bytes and more, added up.
    mutating func normal() -> Double {
        let (one, other) = (next(), next())
        func sum(_ bits: UInt64) -> UInt64 { bits & 0xFFFF + bits >> 16 & 0xFFFF + bits >> 32 & 0xFFFF + bits >> 48 }
        // Eight of variance 2³² / 12.
        return (Double(sum(one) + sum(other)) - 262_140) / 53_509.9
    }

    /// 1 for most; a factor from 1 on with a heavy tail for a share of them.
    mutating func pareto(share: Double) -> Double {
        let (tail, place) = (unit(), unit())
        return tail < share ? 2 * pow(1 - place, -1 / 1.8) : 1
    }
}

/// What a dial shows on one day, as it stands in the file that the peers read too: two bits of state over thirty of
/// watt-hours.
struct Dial {
    let bits: UInt32
    static let missing = Dial(bits: 0)

    private init(bits: UInt32) { self.bits = bits }

    init(_ wattHours: Int64, isEstimated: Bool) {
        precondition((0..<1 << 30).contains(wattHours), "a dial of six digits")
        bits = (isEstimated ? 3 : 1) << 30 | UInt32(wattHours)
    }

    var quality: IndexQuality? { IndexQuality(rawValue: UInt8(bits >> 30)) }
    var wattHours: Int64 { Int64(bits & (1 << 30 - 1)) }
}
