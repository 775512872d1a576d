import ArgumentParser
import Dispatch
import Metering
import Store
import Synchronization

/// Months and days of everybody, as a bill run or a feed takes them, before and after the month that is due is moved.
struct Stream: ParsableCommand {
    @OptionGroup var place: Place

    func run() throws {
        let field = try Field(place, place.store())
        try field.stream("closed month", Truth.day("2025-09-01")...Truth.day("2025-09-30"))
        try field.stream("closed month", Truth.day("2025-09-01")...Truth.day("2025-09-30"), threads: 2)
        try field.stream("month in weeks", Truth.day("2025-11-01")...Truth.day("2025-11-30"))
        try field.stream("closed day", Truth.day("2025-09-15")...Truth.day("2025-09-15"))
        try field.stream("open day", Truth.last...Truth.last)
        try field.compact(today: Truth.last.next)
        try field.stream("closed month", Truth.day("2025-11-01")...Truth.day("2025-11-30"))
        try field.store.close()
    }
}

/// What a pass came across.
struct Sum {
    var registers = 0
    var indices = 0
    var wattHours: Int64 = 0
}

extension Field {
    /// One pass over all registers, each thread over its part; five times, the median counts.
    func stream(_ what: String, _ days: ClosedRange<ServiceDay>, threads: Int = 1) throws {
        var times: [(wall: Double, processor: Double)] = []
        var sum = Sum()
        for _ in 0..<5 {
            var effort = Effort()
            sum = try effort.measure { try pass(days, threads: threads) }
            times.append((effort.seconds, effort.cpuSeconds))
        }
        let known = whatDialsShowed(on: days)
        guard known.indices == sum.indices, known.wattHours == sum.wattHours else {
            throw ValidationError("\(days) is not what the dials showed")
        }
        let (wall, processor) = (times.map(\.wall).sorted(), times.map(\.processor).sorted())
        try report.line(
            "stream", of: ["of": what, "days": "\(days.lowerBound)/\(days.upperBound)"],
            [
                "seconds": wall[2], "least": wall[0], "most": wall[4], "cpu": processor[2],
                "threads": Double(threads), "registers": Double(sum.registers), "indices": Double(sum.indices),
            ])
    }

    func pass(_ days: ClosedRange<ServiceDay>, threads: Int) throws -> Sum {
        let sums = Mutex<[Sum]>([])
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threads) { part in
            var sum = Sum()
            do {
                try store.forEachRegister(
                    from: days.lowerBound, through: days.upperBound, part: part, of: threads
                ) { _, _, found in
                    sum.registers += 1
                    sum.indices += found.count
                    for index in found { sum.wattHours &+= index.index.wattHours }
                }
            } catch { failure.withLock { $0 = error } }
            sums.withLock { $0.append(sum) }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return sums.withLock { sums in
            sums.reduce(into: Sum()) { all, one in
                all.registers += one.registers
                all.indices += one.indices
                all.wattHours &+= one.wattHours
            }
        }
    }

    func whatDialsShowed(on days: ClosedRange<ServiceDay>) -> Sum {
        var sum = Sum()
        for meter in 0..<province.meters {
            for position in Homes.registers(of: meter).indices {
                for day in days {
                    let dial = truth.dial(meter, position, on: day)
                    guard dial.quality != nil else { continue }
                    sum.indices += 1
                    sum.wattHours &+= dial.wattHours
                }
            }
        }
        return sum
    }
}
