import MeterFleet
import Metering
import Modbus
import Testing

@Suite("Faults in a fleet file")
struct FaultFileTests {
    private static let head = """
        origin: 2025-04-01
        gateways:
          - name: A
            port: 0
            meters: [{unit: 1, number: 1, profile: adl400}, {unit: 2, number: 2, profile: adl400}]

        """

    /// The first gateway of a fleet with these entries in its `faults`.
    private func gateway(_ entries: String) throws -> SimulatedGateway {
        let yaml = Self.head + "    faults:\n" + entries.split(separator: "\n").map { "      \($0)\n" }.joined()
        return try FleetFile.parse(yaml, file: "fleet.yaml", folder: "").gateways[0]
    }

    private func complaints(_ yaml: String) -> [String] {
        do {
            _ = try FleetFile.parse(yaml, file: "fleet.yaml", folder: "")
            return []
        } catch let error as InputFaults {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private static let kinds: [(String, FaultKind)] = [
        ("late-reply, delay_ms: 2500", .lateReply(.milliseconds(2500))),
        ("late-reply, beside: after", .lateReply(.beside(.after))),
        ("silence", .silence()),
        ("silence, bus_ms: 1000", .silence(busMilliseconds: 1000)),
        ("exception, code: 0x81", .exception(code: 0x81)),
        ("exception, code: 11, bus_ms: 300", .exception(code: 11, busMilliseconds: 300)),
        ("slow-history", .slowHistory(milliseconds: 60_000, holdsBus: true)),
        ("slow-history, delay_ms: 5, holds_bus: false", .slowHistory(milliseconds: 5, holdsBus: false)),
        ("pause-needed, pause_ms: 60", .pauseNeeded(milliseconds: 60, sooner: .lost)),
        ("pause-needed, pause_ms: 60, sooner: previous-words", .pauseNeeded(milliseconds: 60, sooner: .previousWords)),
        ("transaction-constant, value: 2", .transaction(.constant(2))),
        ("transaction-zero", .transaction(.constant(0))),
        ("transaction-swapped", .transaction(.swapped)),
        ("transaction-off-by-one", .transaction(.offByOne)),
        ("wrong-unit", .wrongUnit()),
        ("wrong-unit, unit: 247", .wrongUnit(247)),
        ("wrong-function, function: 4", .wrongFunction(4)),
        ("exception-length, defect: extra-byte", .exceptionLength(code: 2, .extraByte)),
        ("byte-count, defect: odd", .byteCount(.odd)),
        ("missing-last-byte", .missingLastByte(then: .silence)),
        ("missing-last-byte, then: more", .missingLastByte(then: .more)),
        ("one-byte-segments", .pieces(gapMilliseconds: 0)),
        ("dribble", .pieces(gapMilliseconds: 5000)),
        ("joined-replies", .joinedReplies(.next(holdMilliseconds: 500))),
        ("joined-replies, with: copy", .joinedReplies(.copy)),
        ("reset-mid-reply, after_bytes: 9", .resetMidReply(afterBytes: 9)),
        ("rtu-frames", .rtuFrames),
        ("foreign-reply, side: after, unit: 9", .foreignReply(.after, unit: 9)),
        ("garbage-on-connect", .garbageOnConnect(bytes: 7)),
        ("connection-limit, connections: 2", .connectionLimit(2, beyond: .refuse)),
        ("connection-limit, connections: 1, beyond: drop", .connectionLimit(1, beyond: .drop)),
        ("silent-after, requests: 5", .silentAfter(requests: 5)),
        ("silent-after, requests: 5, for_ms: 900", .silentAfter(requests: 5, milliseconds: 900)),
        ("half-open, from: 2025-05-01, new_connections: refuse", .halfOpen(newConnections: .refuse)),
        ("gateway-dead, manner: silent", .gatewayDead(.silent)),
        ("register-limit", .registerLimit(words: 11, code: 3)),
        (
            "register-gap, function: 3, address: 0x0850, count: 2, answer: zero",
            .registerGap(FaultKind.RegisterGap(function: 3, addresses: 0x850..<0x852, answer: .zero))
        ),
        ("swapped-words", .swappedWords(FaultKind.WordScope(frozen: true))),
        (
            "not-available, pattern: nan, registers: [import, export], frozen: false",
            .notAvailable(.notANumber, FaultKind.WordScope(registers: [.activeImport, .activeExport]))
        ),
        ("zero-index", .falseIndex(.zero, FaultKind.WordScope())),
        ("garbage-index, frozen: true", .falseIndex(.garbage, FaultKind.WordScope(frozen: true))),
    ]

    @Test("are read, kind by kind", arguments: kinds)
    func readsKind(entry: String, kind: FaultKind) throws {
        let gateway = try gateway("- {kind: \(entry)}")
        #expect(gateway.faults.map(\.kind) == [kind])
        #expect(gateway.faults[0].units == nil)
        #expect(entry.hasPrefix(kind.name.rawValue))
    }

    @Test("are told in words that a fleet file takes", arguments: kinds.map(\.1))
    func tellsKind(kind: FaultKind) throws {
        // Whom it cuts off depends on its window, which is told beside it.
        let from = if case .halfOpen = kind { ", from: 2025-05-01" } else { "" }
        #expect(try gateway("- {kind: \(kind)\(from)}").faults.map(\.kind) == [kind])
    }

    @Test("facts are told with the meter's own time")
    func tellsFact() throws {
        let day = try #require(ServiceDay(iso: "2025-05-18"))
        let moment = CivilMoment(day: day, microseconds: 33_850_508_647)
        #expect(
            "\(MeterFact.Kind.rollover(modulusWattHours: 1000, passing: moment))"
                == "rollover, modulus_wh: 1000, from: 2025-05-18 09:24:10")
        #expect(
            "\(MeterFact.Kind.exchange(at: moment, serial: "24000901", startIndexWattHours: 1200))"
                == "exchange, from: 2025-05-18 09:24:10, serial: 24000901, start_index_wh: 1200")
    }

    @Test("can be of every kind there is")
    func complete() {
        let read = Set(Self.kinds.map(\.1.name))
        #expect(read.union([.rollover, .exchange, .standstill]) == Set(FaultName.allCases))
    }

    @Test("have a window, a share and a seed")
    func schedules() throws {
        let gateway = try gateway(
            """
            - {kind: silence, units: [2]}
            - {kind: silence, from: 2025-05-10T08:00:00+07:00, to: 2025-05-11}
            - {kind: silence, from: 2025-05-10T08:00:00+07:00, probability: 0.02, seed: 7}
            - {kind: silence, to: 2025-05-11, probability: 1}
            - {kind: silence, from: 23:50, to: 00:10:30, probability: 0}
            """)
        let (eight, end) = (instant("08:00:00"), WireRig.start + .hours(24))
        #expect(
            gateway.faults.map(\.schedule) == [
                FaultSchedule(), FaultSchedule(.between(eight, end)),
                FaultSchedule(.between(eight, nil), millionths: 20_000, seed: 7), FaultSchedule(.between(nil, end)),
                FaultSchedule(.daily(from: 85_800_000_000, to: 630_000_000), millionths: 0),
            ])
        #expect(gateway.faults.map(\.units) == [[2], nil, nil, nil, nil])
    }

    @Test("may stand at the fleet, at a gateway, and at a meter, and concern those")
    func levels() throws {
        let fleet = try FleetFile.parse(
            """
            origin: 2025-04-01
            faults:
              - {kind: exception, code: 6}
              - {kind: transaction-zero, gateways: [B], units: [1]}
            gateways:
              - {name: A, port: 0, meters: {count: 2, first: 1, profiles: [adl400]}, faults: [{kind: rtu-frames}]}
              - name: B
                port: 0
                transport: rtu-over-tcp
                meters:
                  - {unit: 1, number: 3, profile: adl400}
                  - unit: 2
                    number: 4
                    profile: adl400
                    faults: [{kind: silence}, {kind: exchange, from: 2025-05-10, serial: "99"}]
                faults:
                  - {kind: rollover, units: [1], modulus_wh: 1000000}
            """, file: "fleet.yaml", folder: "")
        #expect(fleet.gateways[0].faults == [Fault(.exception(code: 6)), Fault(.rtuFrames)])
        #expect(
            fleet.gateways[1].faults == [
                Fault(.exception(code: 6)), Fault(.transaction(.constant(0)), units: [1]),
                Fault(.silence(), units: [2]),
            ])
        #expect(fleet.gateways.map(\.transport) == [.tcp, .rtuOverTCP])
        #expect(fleet.gateways[1].meter(1, at: CivilMoment(day: day("2025-05-10")))?.rolloverWattHours == 1_000_000)
        #expect(fleet.gateways[1].meter(2, at: CivilMoment(day: day("2025-05-09")))?.serial == "24000004")
        #expect(fleet.gateways[1].meter(2, at: CivilMoment(day: day("2025-05-10")))?.serial == "99")
    }

    @Test("that cannot be are named, each with its line")
    func everyFault() {
        let found = complaints(
            """
            origin: 2025-04-01
            faults:
              - {kind: silence, gateways: [Z]}
            gateways:
              - name: A
                port: 0
                transport: pigeon
                meters: [{unit: 1, number: 1, profile: sdm630}]
                faults:
                  - {from: 2025-05-10}
                  - {kind: gremlins}
                  - {kind: silence, units: [1, 2, 300], colour: red}
                  - {kind: exception}
                  - {kind: exception, code: 256}
                  - {kind: late-reply}
                  - {kind: late-reply, delay_ms: 10, beside: before}
                  - {kind: silence, from: yesterday, probability: 1.5}
                  - {kind: silence, from: 2025-05-10, to: 2025-05-10}
                  - {kind: silence, from: 08:00}
                  - {kind: silence, from: 08:00, to: 2025-05-10}
                  - {kind: half-open}
                  - {kind: gateway-dead, probability: 0.5, units: [1]}
                  - {kind: register-gap, address: 0x10000}
                  - {kind: byte-count, defect: round}
                  - {kind: exchange, from: 08:00}
                  - {kind: exchange, serial: "5"}
                  - {kind: exchange, units: [1], from: 2025-05-10, serial: "x"}
                  - {kind: rollover}
                  - {kind: zero-index, registers: [imports], frozen: perhaps}
            """)
        let at = "gateways[0].faults"
        let expected = [
            "fleet.yaml:3: faults[0].gateways \"Z\": is no gateway",
            "fleet.yaml:7: gateways[0].transport \"pigeon\": must be one of tcp, rtu-over-tcp",
            "fleet.yaml:10: \(at)[0].kind: is missing; one of late-reply, silence,",
            "fleet.yaml:11: \(at)[1].kind \"gremlins\": must be one of late-reply,",
            "fleet.yaml:12: \(at)[2].colour: unknown key; known here: kind, from, units, to, probability, seed, bus_ms",
            "fleet.yaml:12: \(at)[2].units \"2\": has no meter behind this gateway",
            "fleet.yaml:12: \(at)[2].units \"300\": must be units from 0 to 255",
            "fleet.yaml:13: \(at)[3].code: is missing; a whole number from 1 to 255",
            "fleet.yaml:14: \(at)[4].code \"256\": must be a whole number from 1 to 255",
            "fleet.yaml:15: \(at)[5].beside: either how late",
            "fleet.yaml:16: \(at)[6].beside: either how late",
            "fleet.yaml:17: \(at)[7].from \"yesterday\": must be an instant",
            "fleet.yaml:17: \(at)[7].probability \"1.5\": must be a share",
            "fleet.yaml:18: \(at)[8].to: must be later",
            "fleet.yaml:19: \(at)[9].from: \"from\" and \"to\" must both be",
            "fleet.yaml:20: \(at)[10].from: \"from\" and \"to\" must both be",
            "fleet.yaml:21: \(at)[11].from: is missing",
            "fleet.yaml:22: \(at)[12].probability: unknown key",
            "fleet.yaml:22: \(at)[12].units: unknown key",
            "fleet.yaml:23: \(at)[13].address \"0x10000\": must be a whole number",
            "fleet.yaml:24: \(at)[14].defect \"round\": must be one of too-large, too-small, odd",
            "fleet.yaml:25: \(at)[15].from: must be an instant: it happens once",
            "fleet.yaml:26: \(at)[16].from: is missing",
            "fleet.yaml:26: \(at)[16].serial: belongs to one meter",
            "fleet.yaml:27: \(at)[17].serial \"x\": does not fit the serial register of sdm630",
            "fleet.yaml:28: \(at)[18].modulus_wh: is missing",
            "fleet.yaml:29: \(at)[19].registers \"imports\": is none of",
            "fleet.yaml:29: \(at)[19].frozen \"perhaps\": must be true or false",
        ]
        for complaint in expected { #expect(found.contains { $0.hasPrefix(complaint) }, "\(complaint)") }
        #expect(found.count == expected.count, "\(found.joined(separator: "\n"))")
    }
}
