import Metering
import Modbus
import Testing

@testable import HeadEnd

@Suite("Lines without transaction ids")
struct SerialFramingTests {
    private static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        let checksum = RTUChecksum.of(bytes)
        return bytes + [UInt8(checksum & 0xFF), UInt8(checksum >> 8)]
    }

    private static let reply = withChecksum([1, 4, 16] + sdmWords.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })

    private static func line() throws -> ConversationHarness {
        var line = try ConversationHarness(meters: 2, depth: 4, transport: .rtuOverTCP)
        let first = try line.connected()
        #expect(
            first.bytes == withChecksum([first.bytes[0], 4, 0, 0x48, 0, 8]), "one serial frame, whatever the depth")
        return line
    }

    @Test("serial frames through TCP: an answer is taken when unit, function, count and checksum fit")
    func answered() throws {
        var line = try Self.line()
        let unit = try #require(line.actions.bytes.first)
        let answered = line.hears(Self.withChecksum([unit] + Self.reply.dropFirst().dropLast(2)))
        #expect(answered.readings.count == 4)
        #expect(answered.outcomes.first?.unit == unit)
    }

    @Test("a wrong checksum or another unit closes the connection, and no value comes of it")
    func refused() throws {
        var corrupt = try Self.line()
        let unit = try #require(corrupt.actions.bytes.first)
        var bytes = Self.withChecksum([unit] + Self.reply.dropFirst().dropLast(2))
        bytes[5] ^= 1
        #expect(corrupt.hears(bytes).close != nil)
        #expect(corrupt.actions.readings.isEmpty)
        var foreign = try Self.line()
        let other: UInt8 = try #require(foreign.actions.bytes.first) == 1 ? 2 : 1
        #expect(foreign.hears(Self.withChecksum([other] + Self.reply.dropFirst().dropLast(2))).close != nil)
        #expect(foreign.actions.readings.isEmpty)
    }

    @Test("after a time-out the connection is made anew: a late answer could be taken for the next one's")
    func timedOut() throws {
        var line = try Self.line()
        let late = line.happens(.wake, after: 1000)
        #expect(late.failures == [.timeout])
        #expect(late.close != nil)
    }

    @Test("a gateway that may ignore transaction ids is believed by unit and count, one request at a time")
    func ignoredTransactions() throws {
        var line = try ConversationHarness(meters: 2, depth: 4, ignoresTransactions: true)
        let requests = try line.connected().requests
        #expect(requests.count == 1)
        let request = try #require(requests.first)
        #expect(line.hears(request.answer(sdmWords, transaction: 0)).readings.count == 4)
        let next = try #require(line.actions.requests.first)
        #expect(line.hears(next.answer(sdmWords, transaction: 2, unit: next.unit + 1)).readings.isEmpty)
        #expect(line.happens(.wake, after: 1000).close != nil)
    }
}
