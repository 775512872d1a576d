import Testing

@testable import Metering

@Suite("An error bound of three binary digits")
struct BoundCodeTests {
    @Test("is a small number, in order, for each of 248 bounds")
    func codes() {
        let bounds = (0...BoundCode.numberMax).compactMap { BoundCode(number: $0)?.bound }
        #expect(
            bounds.prefix(19).map(\.wattHours) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48])
        #expect(bounds.count == 248 && bounds.last == BoundCode.greatest)
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bounds.indices.allSatisfy { BoundCode(exactly: bounds[$0])?.number == UInt8($0) })
        #expect(BoundCode(number: 248) == nil)
    }

    @Test(
        "is none for a bound of more digits, or below zero",
        arguments: [9, 11, 13, 33, 1001, 7 << 60 + 1, .max, -1, .min])
    func none(wattHours: Int64) { #expect(BoundCode(exactly: Energy(wattHours: wattHours)) == nil) }

    @Test(
        "is rounded up, never down, by a quarter at the most",
        arguments: [(0, 0), (7, 7), (9, 10), (15, 16), (17, 20), (1000, 1024), (1025, 1280), (6 << 60 + 1, 7 << 60)]
            as [(Int64, Int64)])
    func rounding(wattHours: Int64, up: Int64) {
        #expect(BoundCode.roundedUp(Energy(wattHours: wattHours)) == Energy(wattHours: up))
    }

    @Test("is the least one that is enough, for a seeded thousand")
    func least() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<1000 {
            // Of every size.
            let size = Int64(random.next() >> 1) >> Int64(random.next() % 63)
            let bound = Energy(wattHours: min(size, BoundCode.greatest.wattHours))
            let up = BoundCode.roundedUp(bound)
            guard let code = BoundCode(exactly: up) else {
                Issue.record("\(up) has no code")
                continue
            }
            #expect(up >= bound)
            guard code.number > 0, let before = BoundCode(number: code.number - 1) else { continue }
            #expect(before.bound < bound)
        }
    }

    @Test("stays as it is where no code reaches", arguments: [7 << 60 + 1, .max] as [Int64])
    func beyond(wattHours: Int64) {
        #expect(BoundCode.roundedUp(Energy(wattHours: wattHours)) == Energy(wattHours: wattHours))
    }
}
