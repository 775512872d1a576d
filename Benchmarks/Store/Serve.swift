import ArgumentParser
import Dispatch
import Metering
import Store
import Synchronization

/// What a full store answers customers beside the night and alone; then live nights.
struct Serve: ParsableCommand {
    @OptionGroup var place: Place
    @Option(help: "How often a customer is asked for, at least, beside the nights and without.") var calls = 20_000

    func run() throws {
        let field = try Field(place, place.store())
        let customers = Customers(field)
        var day = try customers.beside(calls: calls, from: Truth.last.next)
        try customers.alone(calls: calls)
        try field.read(day, after: 0.99, "evening")
        for _ in 0..<3 {
            day = day.next
            try field.read(day, after: 0.0002, "live")
            try field.read(day, after: 0.99, "evening")
        }
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
        var times: [Took] = []
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
    private func call(_ random: inout SeededRandom) throws -> Took {
        let meter = Int.random(in: 0..<field.province.meters, using: &random)
        let name = Province.usagePoint(of: meter)
        let before = (Effort.wallSeconds(), Effort.threadSeconds())
        let days = try field.store.dailyIndices(
            usagePoint: name, register: .activeImport, from: Truth.first, through: Truth.last)
        let took = (wall: Effort.wallSeconds() - before.0, processor: Effort.threadSeconds() - before.1)
        guard days.map(\.index) == (Truth.first...Truth.last).compactMap({ field.truth.index(meter, on: $0) }) else {
            throw ValidationError("\(name) is not what its dial showed")
        }
        return took
    }

    /// What one call took. On a busy machine the processor's time says what the store had to do with it.
    private typealias Took = (wall: Double, processor: Double)

    private func publish(_ what: String, _ beside: String, _ times: [Took]) throws {
        func quantiles(_ name: String, _ times: [Double]) -> [String: Double] {
            let sorted = times.sorted()
            func at(_ part: Double) -> Double { sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))] }
            return [name + "50": at(0.5), name + "99": at(0.99), name + "999": at(0.999), name + "100": at(1)]
        }
        try field.report.line(
            what, of: ["beside": beside],
            ["calls": Double(times.count), "days": Double(Truth.last - Truth.first + 1)]
                .merging(quantiles("p", times.map(\.wall))) { $1 }
                .merging(quantiles("cpu", times.map(\.processor))) { $1 })
    }
}
