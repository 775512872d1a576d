import Foundation
import Glibc
import MeterFleet
import Metering
import Modbus
import Testing

@testable import HeadEnd

/// What the probe shows beside the values: days, clock, self-check, the bytes that passed, and a rehearsal.
@Suite("A probe's examination")
struct ProbeExaminationTests {
    private static let calendar = ServiceCalendar.vietnam
    private static let origin = ServiceDay(number: 20_179)
    private static let now = calendar.start(of: origin + 38) + .hours(17)

    private static func meter(_ profile: String, clockOffset: Int64 = 0) throws -> SimulatedMeter {
        let profile = try #require(try ProfileLibrary.load(folder: nil)[profile])
        return SimulatedMeter(
            number: 7, unit: 23, names: MeterNames(district: "PA0901"), model: MeterModel(profile),
            dial: .household(Household(seed: 5, number: 7, origin: origin)), installed: origin,
            clockOffsetSeconds: clockOffset)
    }

    /// Serves one meter while `body` looks at it on a thread of its own: libmodbus blocks, and no task may.
    private static func looking<Value: Sendable>(
        at meter: SimulatedMeter, _ body: @escaping @Sendable (LibmodbusProbe) throws -> Value
    ) async throws -> Value {
        let fleet = Fleet(
            seed: 5, calendar: calendar, origin: origin,
            gateways: [SimulatedGateway(name: "GW", port: 0, meters: .listed([23: meter]))])
        let server = FleetServer(fleet: fleet) { now }
        let port = try await server.start()[0]
        let probe = LibmodbusProbe(host: "127.0.0.1", port: port, unit: 23, isTapped: true)
        let looked = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Result { try body(probe) }) }
        }
        await server.stop()
        return try looked.get()
    }

    private static func examined(_ meter: SimulatedMeter, days: Int) async throws -> LibmodbusProbe.Examination {
        let profile = meter.model.profile
        return try await looking(at: meter) { probe in
            try probe.examine(profile, days: days, calendar: calendar, now: { now })
        }
    }

    @Test("passes the self-check of every model", arguments: ["sdm630", "abb-b23", "adl400", "siemens-pac", "em24"])
    func check(profile: String) async throws {
        #expect(try await Self.examined(Self.meter(profile), days: 0).check == .passed)
    }

    @Test("shows the clock beside ours", arguments: ["iem3155", "siemens-pac"], [0, 75, -20])
    func clock(profile: String, offset: Int64) async throws {
        let clock = try #require(try await Self.examined(Self.meter(profile, clockOffset: offset), days: 0).clock)
        let look = try clock.result.get()
        #expect(look.ahead == .seconds(offset))
        #expect(look.content == .instant(Self.now + .seconds(offset)))
    }

    @Test("reads the days of a file by function 20, each as the fleet knows it")
    func energies() async throws {
        let meter = try Self.meter("siemens-pac")
        let days = try await Self.examined(meter, days: 61).days
        #expect(days.count == 60, "today and 59 days is all there is")
        for (back, reply) in days.enumerated() {
            guard case .energies(let records) = try reply.result.get(), case .day(let kept)? = records.first else {
                #expect(back > 38, "day \(back)")
                continue
            }
            let day = Self.origin + 38 - back
            #expect(kept.day == day)
            guard back > 0 else { continue }
            let (start, end) = (meter.truth(.activeImport, at: day), meter.truth(.activeImport, at: day.next))
            #expect(kept.energies[.activeImport] == (try #require(end)) - (try #require(start)))
        }
        let frozen = try await Self.examined(Self.meter("adl400"), days: 2).days
        guard case .dials(.record(let day, let readings)) = try #require(frozen.last).result.get() else {
            Issue.record("\(frozen)")
            return
        }
        #expect(day == Self.origin + 37 && readings.count == 5)
    }

    @Test("shows the very bytes: each request asks for its range, each reply holds the words beside it")
    func frames() async throws {
        let examination = try await Self.examined(Self.meter("siemens-pac"), days: 2)
        for answer in examination.answers {
            #expect(answer.frames.map(\.isRequest) == [true, false])
            var expected: [UInt8] = []
            let transaction = UInt16(answer.frames[0].bytes[0]) << 8 | UInt16(answer.frames[0].bytes[1])
            answer.range.appendRequest(to: &expected, unit: 23, transaction: transaction)
            #expect(answer.frames[0].bytes == expected)
            let reply = answer.frames[1].bytes
            #expect(Array(reply.prefix(2)) == Array(expected.prefix(2)))
            guard case .words(let words) = reply[7...].withUnsafeBytes({ answer.range.reply(in: $0) }) else {
                Issue.record("\(reply)")
                continue
            }
            for value in try answer.result.get() {
                let offset = Int(value.value.range.address - answer.range.address)
                #expect(value.words == Array(words[offset..<offset + value.words.count]))
            }
        }
        // A file's request has transaction 0: libmodbus writes it so for what it does not know.
        let file = try #require(examination.days.first)
        #expect(file.frames[0].bytes == [0, 0, 0, 0, 0, 10, 23, 20, 7, 6, 0, 90, 0, 3, 0, 6])
        #expect(file.frames[1].bytes.count == 23)
    }

    @Test("rehearses a map: a voltage is plausible where the profile says, in its order only")
    func rehearsal() async throws {
        let meter = try Self.meter("sdm630")
        let profile = meter.model.profile
        let rehearsals = try await Self.looking(at: meter) { try $0.rehearse(profile, digits: 6) }
        #expect(rehearsals.map(\.value.name) == MapRehearsal.values(of: profile).map(\.name))
        let voltage = try #require(rehearsals.first { $0.value.name == "voltage_l2" })
        #expect(voltage.attempts.map(\.shift) == [0, -1, 1])
        let guesses = try voltage.attempts[0].reply.result.get().guesses
        #expect(guesses.filter { $0.isPlausible == true }.map(\.order) == [.big])
        // The SDM630 refuses odd addresses.
        for attempt in voltage.attempts.dropFirst() {
            guard case .failure(let failure) = attempt.reply.result else {
                Issue.record("\(attempt)")
                continue
            }
            #expect(failure.description == "Illegal data address")
        }
    }

    /// A server that answers the first request on its one connection with these bytes, then says nothing more.
    private static func answering(_ bytes: [UInt8]) throws -> UInt16 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound)
        Thread.detachNewThread {
            let connection = accept(listener, nil, nil)
            var request = [UInt8](repeating: 0, count: 64)
            if recv(connection, &request, request.count, 0) > 0 { _ = send(connection, bytes, bytes.count, 0) }
            // Until the probe hangs up.
            while recv(connection, &request, request.count, 0) > 0 {}
            close(connection)
            close(listener)
        }
        return UInt16(bigEndian: address.sin_port)
    }

    static let replies: [([UInt8], String)] = [
        // tx, protocol, length | unit | fc | count, part, type | words
        ([0, 0, 0, 0, 0, 11, 23, 20, 8, 7, 6, 0, 1, 0, 2, 0, 3], ""),
        ([0, 0, 0, 0, 0, 3, 23, 0x94, 2], "Illegal data address"),
        ([0, 0, 0, 0, 0, 3, 23, 0x94, 0x81], "exception 129"),
        ([0, 0, 0, 0, 0, 11, 22, 20, 8, 7, 6, 0, 1, 0, 2, 0, 3], "unit 22 where 23 was asked"),
        ([0, 0, 0, 0, 0, 9, 23, 20, 6, 5, 6, 0, 1, 0, 2], "byte count 6 where 8 was asked"),
        ([0, 0, 0, 0, 0, 11, 23, 20, 8, 7, 7, 0, 1, 0, 2, 0, 3], "reference type 7"),
        ([0, 0, 0, 0, 0, 11, 23, 20, 8, 7, 6, 0, 1], "the rest of the reply did not come"),
        ([0, 0, 0, 0, 0, 2, 23, 20, 8], "frame length 2"),
        ([0, 0, 0, 0, 1, 11, 23, 20, 8], "frame length 267"),
    ]

    @Test("believes a file's reply only when every byte fits", arguments: replies)
    func badFile(_ bytes: [UInt8], _ why: String) async throws {
        let port = try Self.answering(bytes)
        let range = try #require(WordRange(file: 90, record: 3, count: 3))
        let result = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(LibmodbusProbe.Failure) {
                    let session = try LibmodbusSession(
                        host: "127.0.0.1", port: port, unit: 23, timeoutMilliseconds: 200, isTapped: false)
                    continuation.resume(returning: session.words(of: range, pauseMilliseconds: 0))
                } catch {
                    continuation.resume(returning: .failure(.init(description: error.description)))
                }
            }
        }
        switch result {
        case .success(let words): #expect(why.isEmpty && words == [1, 2, 3])
        case .failure(let failure): #expect(!why.isEmpty && failure.description.contains(why), "\(failure)")
        }
    }
}
