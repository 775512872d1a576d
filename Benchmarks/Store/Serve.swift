import ArgumentParser
import Dispatch
import Foundation
import Metering
import Store
import Synchronization

/// What a full store answers: customers' thirteen months beside the night and alone, months and days of everybody; then
/// live nights, and the month that is due.
struct Serve: ParsableCommand {
    @OptionGroup var place: Place
    @Option(help: "How often a customer is asked for, at least, beside the nights and without.") var calls = 20_000

    func run() throws {
        let field = try Field(place, place.store())
        let customers = Customers(field)
        var day = Truth.last.next
        day = try customers.beside(calls: calls, from: day)
        try customers.alone(calls: calls)
        try field.read(day, after: 0.99, "evening")
        for _ in 0..<3 {
            day = day.next
            try field.read(day, after: 0.0002, "live")
            try field.read(day, after: 0.99, "evening")
        }
        try field.stream("closed month", Truth.day("2025-09-01")...Truth.day("2025-09-30"))
        try field.stream("month in weeks", Truth.day("2025-11-01")...Truth.day("2025-11-30"))
        try field.stream("closed day", Truth.day("2025-09-15")...Truth.day("2025-09-15"))
        try field.stream("open day", Truth.last...Truth.last)
        try field.compact(today: Truth.last.next)
        try field.stream("closed month", Truth.day("2025-11-01")...Truth.day("2025-11-30"))
        try field.report.line("peak", ["megabytes": Double(Effort.peakMegabytes())])
        try field.store.close()
    }
}

/// Random customers who look at their thirteen months.
private struct Customers {
    private let field: Field

    init(_ field: Field) { self.field = field }

    /// While days come in on another thread, until that often. Returns the first day that has not come.
    func beside(calls: Int, from first: ServiceDay) throws -> ServiceDay {
        let isOver = Atomic(false)
        let next = Mutex(first)
        let failure = Mutex<(any Error)?>(nil)
        let nights = DispatchGroup()
        DispatchQueue.global().async(group: nights) {
            do {
                while !isOver.load(ordering: .relaxed), next.withLock({ $0 - Truth.last < Truth.spare - 5 }) {
                    try field.freeze(next.withLock { $0 }, .gateways, beside: "readers")
                    next.withLock { $0 = $0.next }
                }
            } catch { failure.withLock { $0 = error } }
        }
        var times: [Double] = []
        var random = SeededRandom(seed: 3)
        while times.count < calls || next.withLock({ $0 }) == first, failure.withLock({ $0 == nil }) {
            times.append(try call(&random))
        }
        isOver.store(true, ordering: .relaxed)
        nights.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        try publish("customer", "ingest", times)
        return next.withLock { $0 }
    }

    func alone(calls: Int) throws {
        var random = SeededRandom(seed: 4)
        try publish("customer", "nothing", (0..<calls).map { _ in try call(&random) })
    }

    /// Asks for one customer and holds the answer against the dials.
    private func call(_ random: inout SeededRandom) throws -> Double {
        let meter = Int.random(in: 0..<field.province.meters, using: &random)
        let name = Province.usagePoint(of: meter)
        let before = Effort.wallSeconds()
        let days = try field.store.dailyIndices(
            usagePoint: name, register: .activeImport, from: Truth.first, through: Truth.last)
        let took = Effort.wallSeconds() - before
        guard days.map(\.index) == (Truth.first...Truth.last).compactMap({ field.truth.index(meter, on: $0) }) else {
            throw ValidationError("\(name) is not what its dial showed")
        }
        return took
    }

    private func publish(_ what: String, _ beside: String, _ times: [Double]) throws {
        let sorted = times.sorted()
        func at(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))] }
        try field.report.line(
            what, of: ["beside": beside],
            [
                "calls": Double(times.count), "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": at(1),
                "days": Double(Truth.last - Truth.first + 1),
            ])
    }
}

extension Field {
    /// One pass over all registers; five times, the median counts.
    func stream(_ what: String, _ days: ClosedRange<ServiceDay>) throws {
        var times: [Double] = []
        var (registers, indices, sum) = (0, 0, Int64(0))
        for _ in 0..<5 {
            (registers, indices, sum) = (0, 0, 0)
            let before = Effort.wallSeconds()
            try store.forEachRegister(from: days.lowerBound, through: days.upperBound) { _, _, found in
                registers += 1
                indices += found.count
                for index in found { sum &+= index.index.wattHours }
            }
            times.append(Effort.wallSeconds() - before)
        }
        var (known, truths) = (0, Int64(0))
        for meter in 0..<province.meters {
            for position in Homes.registers(of: meter).indices {
                for day in days {
                    let dial = truth.dial(meter, position, on: day)
                    guard dial.quality != nil else { continue }
                    known += 1
                    truths &+= dial.wattHours
                }
            }
        }
        guard known == indices, truths == sum else { throw ValidationError("\(days) is not what the dials showed") }
        let sorted = times.sorted()
        try report.line(
            "stream", of: ["of": what, "days": "\(days.lowerBound)/\(days.upperBound)"],
            [
                "seconds": sorted[2], "least": sorted[0], "most": sorted[4], "registers": Double(registers),
                "indices": Double(indices),
            ])
    }
}
