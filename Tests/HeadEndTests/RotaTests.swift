import Metering
import Testing

@testable import HeadEnd

@Suite("The daytime slots of one gateway")
struct RotaTests {
    static let cadence = Instant.Span.minutes(30)
    static let start = Instant(seconds: 1_746_800_000)

    static func rota(_ meters: ClosedRange<Int>, after civil: Instant = start) -> Rota {
        var rota = Rota(cadence: cadence)
        rota.set(meters.map { ($0, MeterID(Int32($0))) }, after: civil)
        return rota
    }

    /// Every slot from now until `end`, taken as soon as it comes.
    static func take(_ rota: inout Rota, until end: Instant) -> [(position: Int, due: Instant)] {
        var taken: [(position: Int, due: Instant)] = []
        while let due = rota.due, due <= end, let slot = rota.next(at: due) { taken.append(slot) }
        return taken
    }

    @Test("every meter has one slot a cadence, in rising order, each time as long after the one before")
    func rounds() {
        var rota = Self.rota(0...99)
        let first = Self.take(&rota, until: Self.start + Self.cadence)
        #expect(Set(first.map(\.position)) == Set(0...99))
        #expect(first.count == 100)
        #expect(zip(first, first.dropFirst()).allSatisfy { $0.due <= $1.due })
        #expect(first.allSatisfy { Self.start < $0.due && $0.due <= Self.start + Self.cadence })
        let second = Self.take(&rota, until: Self.start + Self.cadence + Self.cadence)
        #expect(second.map(\.position) == first.map(\.position))
        #expect(zip(first, second).allSatisfy { $0.due + Self.cadence == $1.due })
    }

    @Test("a restart at any moment finds the same slots", arguments: [1, 299, 617, 1799, 1800, 86_400])
    func restart(secondsLater: Int64) {
        var running = Self.rota(0...40)
        let later = Self.start + .seconds(secondsLater)
        _ = Self.take(&running, until: later)
        var restarted = Self.rota(0...40, after: later)
        let end = later + Self.cadence
        #expect(
            Self.take(&running, until: end).map { "\($0)" } == Self.take(&restarted, until: end).map { "\($0)" })
    }

    @Test("after an outage each meter is asked once, beginning with the one that has waited longest")
    func outage() {
        var rota = Self.rota(0...40)
        var undisturbed = rota
        let order = Self.take(&undisturbed, until: Self.start + Self.cadence).map(\.position)
        let back = Self.start + .minutes(30 * 17 + 11)
        #expect(rota.waiting(at: back).map(\.position) == order)
        var caughtUp: [Int] = []
        while let slot = rota.next(at: back) {
            caughtUp.append(slot.position)
            #expect(slot.due <= back)
        }
        #expect(caughtUp == order)
        #expect(rota.waiting(at: back).isEmpty)
        var restarted = Self.rota(0...40, after: back)
        let end = back + .hours(1)
        #expect(
            Self.take(&rota, until: end).map { "\($0)" } == Self.take(&restarted, until: end).map { "\($0)" },
            "the slots go on as if nothing had been")
    }

    @Test("a line too slow for its cadence asks every meter once before it asks one again")
    func overload() {
        var rota = Rota(cadence: .seconds(1))
        rota.set((0...40).map { ($0, MeterID(Int32($0))) }, after: Self.start)
        var civil = Self.start + .seconds(2)
        for _ in 0..<5 {
            var lap: Set<Int> = []
            for _ in 0...40 {
                guard let slot = rota.next(at: civil) else { continue }
                lap.insert(slot.position)
                civil = civil + .seconds(1)
            }
            #expect(lap == Set(0...40))
            civil = civil + .seconds(2)
        }
    }

    @Test("a meter that left has no slot any more, and the others keep theirs", arguments: [0, 7, 13, 40])
    func removal(asked: Int) {
        var rota = Self.rota(0...40)
        for _ in 0..<asked {
            guard let due = rota.due else { continue }
            _ = rota.next(at: due)
        }
        var whole = rota
        for gone in [0, 13, 40] { rota.remove(gone) }
        let end = Self.start + .hours(2)
        let others = Self.take(&whole, until: end).filter { ![0, 13, 40].contains($0.position) }
        #expect(Self.take(&rota, until: end).map { "\($0)" } == others.map { "\($0)" })
    }

    @Test("without meters nothing is ever due")
    func empty() {
        var rota = Self.rota(0...0)
        rota.remove(0)
        #expect(rota.due == nil)
        #expect(rota.next(at: Self.start + .hours(24)) == nil)
    }
}
