import Billing
import Metering
import Testing

@testable import Store

@Suite("Lives of usage points whose meters come and go")
struct ExchangeLifeTests {
    /// Lives through it: each midnight's record is read once somebody has told that its meter is there; some never are.
    private static func lived(_ life: MeterLife, losing lost: (ServiceDay) -> Bool = { _ in false }) throws -> LogBook {
        var registry = LogBook.registry()
        registry.installations = [life.row(0, isClosed: false)]
        let book = try LogBook(registry)
        var told = 1
        var isClosed = false
        var read: [Int: Set<ServiceDay>] = [:]
        for today in life.days {
            while told < life.meters.count, life.meters[told].installedOn + life.meters[told].toldAfter <= today {
                let rows = [life.row(told - 1, isClosed: true), life.row(told, isClosed: false)]
                _ = try book.store.importRegistry(Registry(installations: rows), at: book.calendar.start(of: today))
                (told, isClosed) = (told + 1, false)
            }
            let latest = life.meters[told - 1]
            if !isClosed, let removedOn = latest.removedOn, removedOn + latest.toldAfter <= today {
                let row = Registry(installations: [life.row(told - 1, isClosed: true)])
                _ = try book.store.importRegistry(row, at: book.calendar.start(of: today))
                isClosed = true
            }
            let ids = try book.store.meters(notRemovedBy: ServiceDay(number: 0))
            for (position, meter) in life.meters.prefix(told).enumerated() {
                let first = try #require(meter.midnights.keys.min())
                let due = meter.midnights.keys.filter {
                    $0 <= today && read[position]?.contains($0) != true && ($0 == first || !lost($0))
                }
                guard !due.isEmpty else { continue }
                read[position, default: []].formUnion(due)
                let id = try #require(
                    ids.first {
                        $0.installation.serial == meter.serial && $0.installation.installedOn == meter.installedOn
                    }
                ).id
                let records = due.map { LogBook.frozen("\($0)".dropFirst(5).description, meter.midnights[$0] ?? 0) }
                try book.ingest([book.poll("\("\(today)".dropFirst(5)) 00:10", records, meter: id)])
            }
            if today.civil.day % 3 == 0 {
                _ = try book.store.closeDay(today, at: book.calendar.start(of: today) + .hours(6))
            }
        }
        _ = try book.store.closeDay(life.days.upperBound, at: book.instant("08-01 06:00"))
        _ = try book.store.closeReopenedDays(at: book.instant("08-01 06:00"))
        return book
    }

    private func known(_ book: LogBook, _ life: MeterLife) throws -> [ServiceDay: Int64] {
        let days = try book.store.dailyIndices(
            usagePoint: LogBook.usagePoint, register: .activeImport, from: life.days.lowerBound,
            through: life.days.upperBound)
        var known: [ServiceDay: Int64] = [:]
        for day in days { known[day.day] = day.consumption?.wattHours }
        for day in life.days {
            let fed = try book.store.everyUsagePoint(on: day, register: .activeImport)
            #expect(fed.first?.consumption?.wattHours == known[day], "the feed of \(day)")
            #expect(fed.isEmpty == (life.used[day] == nil), "whether there was a meter on \(day)")
        }
        return known
    }

    @Test("each day's energy and each month's bill are the truth to the watt-hour", arguments: UInt64(1)...24)
    func truth(seed: UInt64) throws {
        let life = MeterLife(seed: seed)
        let book = try Self.lived(life)
        var truth = life.used
        // Its end is not read any more.
        truth[life.days.upperBound] = try known(book, life)[life.days.upperBound]
        #expect(try known(book, life) == truth)
        for asOf in ["06-01", "07-01"].map(book.day) {
            let customer = try book.store.provisionalBill(
                usagePoint: LogBook.usagePoint, asOf: asOf, tariffs: try TariffBook.load(folder: nil))
            let days = life.used.filter { customer.period.from <= $0.key && $0.key <= customer.period.through }
            #expect(customer.bill.kwh == days.values.reduce(0, +) / 1000, "as of \(asOf)")
            #expect(customer.coverage.missing == 0 && customer.coverage.days == days.count)
            #expect(customer.coverage.withoutMeter == customer.period.days - days.count)
        }
    }

    @Test("whatever records are lost, the days between add up to what was used", arguments: UInt64(1)...24)
    func sums(seed: UInt64) throws {
        let life = MeterLife(seed: seed)
        var lost: Set<ServiceDay> = []
        var random = SeededRandom(seed: seed &+ 99)
        for day in life.days where random.next() % 100 < 40 { lost.insert(day) }
        let last = try #require(life.days.reversed().first { !lost.contains($0) && life.used[$0] != nil })
        let book = try Self.lived(life, losing: lost.contains)
        let known = try self.known(book, life).filter { $0.key < last }
        let truth = life.used.filter { $0.key < last }
        #expect(Set(known.keys) == Set(truth.keys), "every day with a meter has its energy")
        #expect(known.values.reduce(0, +) == truth.values.reduce(0, +))
        #expect(try book.store.verify(VerificationScope(), found: { Issue.record("\($0)") }).days > 0)
    }
}
