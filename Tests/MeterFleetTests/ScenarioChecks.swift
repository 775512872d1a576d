import MeterFleet
import Metering
import Modbus
import Testing

/// By scenario: the wrong thing really is on the wire, and only there where it belongs.
enum ScenarioChecks {
    typealias Check = @Sendable (Scene) throws -> Void

    static let all = answers.merging(deliveries) { first, _ in first }.merging(gateways) { first, _ in first }
        .merging(meters) { first, _ in first }

    /// What a frame says: bytes 0 and 1 transaction, 4 and 5 length, 6 unit, 7 function, 8 byte count or exception.
    private static let answers: [String: Check] = [
        "transaction-constant": { scene in #expect(scene.answers([1]).first?.prefix(2) == [0, 2]) },
        "transaction-zero": { scene in #expect(scene.answers([1]).first?.prefix(2) == [0, 0]) },
        "transaction-off-by-one": { scene in #expect(scene.answers([1]).first?.prefix(2) == [0, 2]) },
        "transaction-swapped": { scene in
            // Both answers are due together and share a segment; the first is unit 1's, of transaction 1.
            let bytes = scene.answers([1, 2]).flatMap { $0 }
            #expect([bytes[1], bytes[6]] == [2, 1])
        },
        "wrong-unit": { scene in #expect(scene.answers([1, 2, 3]).map { $0[6] } == [2, 2, 255]) },
        "wrong-function": { scene in #expect(scene.answers([1, 2]).map { $0[7] } == [4, 4]) },
        "exceptions": { scene in
            let answers = scene.answers([1, 2, 3, 4, 5, 6])
            #expect(answers.map { $0[8] } == [1, 2, 3, 4, 5, 6])
            #expect(answers.allSatisfy { $0[7] & 0x80 != 0 })
        },
        "exceptions-of-gateways": { scene in #expect(scene.answers([1, 2, 3]).map { $0[8] } == [0x0A, 0x0B, 0x81]) },
        "busy": { scene in #expect(scene.answers([1, 2, 3]).map { $0[8] } == [6, 6, 6]) },
        "exception-wrong-length": { scene in
            let frames = [0, 1, 2].map { scene.answers([1], $0)[0] }
            // Declared length, and the bytes there are behind it.
            #expect(frames.map { [Int($0[5]), $0.count - 6] } == [[4, 3], [2, 3], [4, 4]])
        },
        "byte-count": { scene in
            var look = scene.look()
            look.ask([1, 2, 3])
            let counts = ([1, 2, 3] as [UInt8]).map { Int(look.dials(of: $0).count) * 2 }
            #expect(look.segments().map { Int($0[8]) } == [counts[0] + 2, counts[1] - 2, counts[2] + 1])
        },
        "register-limit": { scene in
            let refusals = [0, 1].map { place in
                var look = scene.look(place)
                look.rig.ask(words(.inputRegisters, 0x0048, 12))
                look.rig.pass(milliseconds: 100)
                return look.segments()[0][7...]
            }
            #expect(refusals == [[0x84, 3], [0x84, 2]])
        },
        "register-gap": { scene in
            let answers = scene.answers([1, 2, 3, 4])
            #expect(answers.map { $0[6] } == [1, 2, 4])
            #expect(answers[0][7...] == [0x84, 2])
            #expect(answers[1][17..<21] == [0, 0, 0, 0])
            #expect(answers[2][17..<21] != [0, 0, 0, 0])
        },
        "rtu-frames": { scene in
            let frame = scene.answers([1])[0]
            #expect(frame[0...1] == [1, 3])
            #expect(Int(frame[2]) == frame.count - 5)
        },
        "rtu-over-tcp": { scene in
            var look = scene.look()
            look.rig.send(hex("01 03 6000 0002 DA0B"))
            look.rig.pass(milliseconds: 200)
            #expect(look.segments().map { $0.prefix(3) } == [[1, 3, 4]])
            #expect(scene.answers([1]).isEmpty)
        },
    ]

    private static let deliveries: [String: Check] = [
        "late-reply-inside": { scene in
            var look = scene.look()
            look.ask([1])
            #expect(look.rig.log.map(\.milliseconds) == [620])
            #expect(look.segments()[0] == look.honest(1, transaction: 1))
        },
        "late-reply-after": { scene in
            var look = scene.look()
            look.ask([1], milliseconds: 1000)
            look.ask([2], milliseconds: 5000)
            #expect(look.rig.log.map(\.milliseconds) == [1020, 2520])
            #expect(look.segments().map { $0[6] } == [2, 1])
        },
        "late-reply-other-unit": { scene in
            let units = [0, 1].map { place in
                var look = scene.look(place)
                look.ask([1])
                look.ask([2])
                return look.segments().map { $0[6] }
            }
            #expect(units == [[1, 2], [2, 1]])
        },
        "missing-last-byte": { scene in
            let looks = [0, 1].map { place in
                var look = scene.look(place)
                look.ask([1, 2])
                return look
            }
            let whole = Int(looks[0].dials(of: 1).count) * 2 + 9
            #expect(looks[0].segments().map(\.count) == [whole - 1])
            #expect(looks[1].segments().map(\.count).first == whole - 1)
            #expect(looks[1].segments().count == 2)
        },
        "one-byte-segments": { scene in
            for place in [0, 1] {
                var look = scene.look(place)
                look.ask([1])
                #expect(look.segments() == look.honest(1, transaction: 1).map { [$0] })
            }
        },
        "dribble": { scene in #expect(scene.answers([1], within: 10_000).map(\.count) == [1, 1]) },
        "two-replies-one-segment": { scene in
            var two = scene.look(0)
            two.ask([1, 2])
            #expect(two.segments() == [two.honest(1, transaction: 1) + two.honest(2, transaction: 2)])
            var copy = scene.look(1)
            copy.ask([1])
            let reply = copy.honest(1, transaction: 1)
            #expect(copy.segments() == [reply + reply])
        },
        "reset-mid-reply": { scene in
            var look = scene.look()
            look.ask([2, 1])
            #expect(look.rig.steps.last == .reset(1))
            #expect(look.segments().map(\.count).last == 8)
        },
        "foreign-reply": { scene in
            for place in [0, 1] {
                var look = scene.look(place)
                for _ in 0..<10 { look.ask([1]) }
                let foreign = look.segments().count { $0[0] >= 0x40 }
                #expect((1...9).contains(foreign))
                #expect(look.segments().count == 10 + foreign)
            }
        },
    ]

    private static let gateways: [String: Check] = [
        "garbage-on-connect": { scene in
            #expect(scene.look(at: "19:00:00").segments().map(\.count) == [7])
            #expect(scene.look(at: "12:00:00").segments().isEmpty)
        },
        "connection-limit": { scene in
            let steps = [0, 1, 2].map { place in
                var look = scene.look(place)
                for _ in 0..<3 { look.rig.open() }
                return look.rig.steps
            }
            #expect(steps[0] == [.listening(false), .refused(2), .refused(3), .refused(4)])
            #expect(steps[1] == [.closed(3), .closed(4)])
            #expect(steps[2] == [.listening(false), .refused(4)])
        },
        "silent-after": { scene in
            let answered = [0, 1].map { place in
                var look = scene.look(place)
                for _ in 0..<20 { look.ask([1]) }
                return look.segments().count
            }
            // Twenty requests in 18 seconds; the eleventh begins a silence, for ever or for five of them.
            #expect(answered == [10, 14])
        },
        "half-open": { scene in
            let answered = [0, 1, 2].map { place in
                var look = scene.look(place, at: "17:59:59")
                look.ask([1])
                look.rig.pass(milliseconds: 1000)
                look.ask([1])
                look.rig.open()
                look.ask([1], on: 2)
                return [look.segments(1).count, look.segments(2).count]
            }
            #expect(answered == [[1, 1], [1, 0], [1, 0]])
        },
        "pause-needed": { scene in
            let named = [0, 1, 2].map { place in
                var look = scene.look(place)
                look.ask([1], milliseconds: 60)
                look.ask([2])
                return look.segments().map { [$0[1], $0[6]] }
            }
            // Transactions and units: nothing for the second request, the first frame again, the first words again.
            #expect(named == [[[1, 1]], [[1, 1], [1, 1]], [[1, 1], [2, 2]]])
        },
        "slow-history": { scene in
            let units = [0, 1].map { place in
                var look = scene.look(place)
                look.rig.ask(words(.holdingRegisters, 0x6000, 12), of: 1)
                look.ask([3], milliseconds: 70_000)
                return look.segments().map { $0[6] }
            }
            #expect(units == [[1, 3], [3, 1]])
        },
        "dead-unit": { scene in
            var look = scene.look()
            look.ask([2, 1])
            #expect(look.segments().map { $0[6] } == [1])
            #expect(look.rig.log.map(\.milliseconds) == [820])
        },
        "gateway-dead": { scene in
            let looks = [0, 1, 2].map { place in
                var look = scene.look(place, at: "17:59:59")
                look.rig.pass(milliseconds: 1000)
                look.ask([1])
                return look
            }
            #expect(looks[0].rig.steps == [.listening(false), .reset(1)])
            #expect(looks[1].rig.steps.isEmpty)
            #expect(looks[2].segments() == [looks[2].honest(1, transaction: 1)])
        },
    ]

    private static let meters: [String: Check] = [
        "swapped-words": { scene in
            var look = scene.look()
            look.ask([2, 4])
            let (honest, swapped) = (look.honest(2, transaction: 1), look.segments()[0])
            #expect(swapped[9..<13] == honest[11..<13] + honest[9..<11])
            #expect(look.segments()[1] == look.honest(4, transaction: 2))
        },
        "not-available": { scene in
            // The first dial of each model: u32, f32, u64, i32 with its low word first, i64, f32.
            let dials = scene.answers([1, 2, 3, 4, 5, 6]).map { $0[9..<13] }
            let expected = ["FFFF FFFF", "7FC0 0000", "FFFF FFFF", "0000 7FFF", "8000 0000", "7FC0 0000"]
            #expect(dials.map(Array.init) == expected.map(hex))
            let ones = scene.answers([2], 1)[0]
            #expect(ones[9..<13] == [255, 255, 255, 255])
            #expect(ones[13] != 255)
        },
        "index-after-reboot": { scene in
            var (zero, garbage) = (scene.look(0, at: "23:40:00"), scene.look(1, at: "23:40:00"))
            zero.ask([1])
            garbage.ask([1])
            #expect(zero.segments()[0].dropFirst(9).allSatisfy { $0 == 0 })
            #expect(Set(garbage.segments()[0].dropFirst(9)).count > 8)
            #expect(garbage.segments()[0] != garbage.honest(1, transaction: 1))
        },
        "rollover": { scene in
            let gateway = scene.fleet.gateways[0]
            let seconds: [Int64] = [32_399, 32_400]
            let dials = seconds.compactMap { second in
                let moment = CivilMoment(day: day("2025-05-11"), microseconds: second * 1_000_000)
                return gateway.meter(1, at: moment)?.dial.face(at: moment)[.activeImport].wattHours
            }
            #expect(dials[0] <= 1_000_000_000 && dials[1] == 1_000_000_000)
            var (before, after) = (scene.look(at: "00:00:00"), scene.look(at: "00:00:00"))
            before.ask([1])
            after.rig.pass(milliseconds: 2 * 86_400_000)
            after.ask([1])
            // kWh in binary32: nearly a million, and nearly nothing.
            #expect(before.segments()[0][9...10] == [0x49, 0x74])
            #expect(after.segments()[0][9] <= 0x42)
        },
        "meter-exchange": { scene in
            let serials = ["2025-05-11T10:14:59+07:00", "2025-05-11T10:15:00+07:00"].compactMap { text in
                Instant(rfc3339: text).map { start in
                    var rig = WireRig(scene.fleet.gateways[0], seed: 7, start: start)
                    rig.open()
                    rig.ask(words(.holdingRegisters, 0xFC00, 2))
                    rig.pass(milliseconds: 100)
                    return rig.segments()[0].suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
                }
            }
            #expect(serials == [24_000_001, 24_000_901])
        },
    ]
}
