import Metering
import Testing

@testable import HeadEnd

@Suite("Registers that a meter does not have")
struct MissingRegisterTests {
    /// Answers value by value as a meter without `missing`; every request that came.
    private static func poll(_ line: inout ConversationHarness, missing: Set<UInt16>) -> (
        requests: [SentRequest], failures: [PollFailure], registers: [Register]
    ) {
        line.halfAnHourPasses()
        var seen: [SentRequest] = []
        var failures: [PollFailure] = []
        var registers: [Register] = []
        var actions = line.happens(.wake)
        if actions.shouldConnect { actions = line.happens(.connected) }
        while let request = actions.requests.first {
            seen.append(request)
            let asked = request.address..<(request.address + request.count)
            let isRefused = missing.contains { asked.contains($0) }
            let words = Array(sdmWords[Int(request.address - 0x48)..<Int(request.address - 0x48 + request.count)])
            actions = line.hears(isRefused ? request.exception(2) : request.answer(words), after: 5)
            failures += actions.failures
            registers += actions.readings.map(\.register)
        }
        return (seen, failures, registers)
    }

    @Test("one of them does not cost its neighbours, is told once, and is not asked again for a week")
    func oneHole() throws {
        var line = try ConversationHarness()
        let first = Self.poll(&line, missing: [0x4C])
        #expect(first.requests.map(\.count) == [8, 2, 2, 2, 2], "the block once, then value by value")
        #expect(first.registers == [.activeImport, .activeExport, .reactiveExport])
        #expect(first.failures == [.exception(2)])
        let second = Self.poll(&line, missing: [0x4C])
        #expect(second.requests.map(\.address) == [0x48, 0x4A, 0x4E])
        #expect(second.failures.isEmpty)
        line.civil = line.civil + .hours(7 * 24)
        let later = Self.poll(&line, missing: [])
        #expect(later.requests.first?.count == 8, "new firmware may have it")
    }

    @Test("the import dial is never forgotten: its absence is told each time")
    func importIsMissing() throws {
        var line = try ConversationHarness()
        _ = Self.poll(&line, missing: [0x48])
        let second = Self.poll(&line, missing: [0x48])
        #expect(second.requests.contains { $0.address == 0x48 })
        #expect(second.failures == [.exception(2)])
    }

    @Test("an answer is read as what was asked, whatever a sibling of the same firmware has taught meanwhile")
    func siblings() throws {
        var line = try ConversationHarness(meters: 2, depth: 2)
        line.conversation.firmwares = ["A1"]
        for position in line.conversation.standings.indices { line.conversation.standings[position].firmware = 1 }
        // Each dial shows its own number of kWh: 1, 2, 3, 4. Reactive import, 0x4C, is missing in both.
        let kilowattHours: [UInt16: [UInt16]] = [
            0x48: [0x3F80, 0], 0x4A: [0x4000, 0], 0x4C: [0x4040, 0], 0x4E: [0x4080, 0],
        ]
        var seen: [String: Set<Int64>] = [:]
        var waiting = try line.connected().requests
        #expect(waiting.map(\.count) == [8, 8], "both blocks are under way")
        for _ in 0..<40 {
            guard !waiting.isEmpty else { break }
            let request = waiting.removeFirst()
            let isRefused = request.count > 2 || request.address == 0x4C
            let words = kilowattHours[request.address] ?? []
            let actions = line.hears(isRefused ? request.exception(2) : request.answer(words), after: 5)
            waiting += actions.requests
            for reading in actions.readings { seen[reading.register.name, default: []].insert(reading.index.wattHours) }
        }
        #expect(waiting.isEmpty)
        #expect(seen == ["import": [1000], "export": [2000], "reactive_export": [4000]])
    }
}
