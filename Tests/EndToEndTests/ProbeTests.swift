import Testing

extension EndToEndTests {
    @Suite("meterd probe")
    struct ProbeTests {
        private struct Document: Decodable {
            struct Value: Decodable {
                let name: String?
                let indexWh: Int64?
                let value: String?
                let text: String?
            }
            let values: [Value]
        }

        @Test("each meter shows its serial, and an import between today's and tomorrow's midnight")
        func meters() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try await place.importFleet(meters: 3, gateways: 1)
            _ = try await place.serve(clock: "2025-04-20T12:00:00+07:00,1")
            let gateway = try #require(try place.rows(of: "fleet/gateways.csv").first)
            let address = "127.0.0.1:\(try gateway.text("port"))"
            let truth = try await place.truth(from: "2025-04-20", to: "2025-04-21")
            let meters = try place.rows(of: "fleet/meters.csv")
            #expect(try meters.map { try $0.text("profile") } == ["adl400", "sdm630", "abb-b23"])
            for meter in meters {
                let (unit, profile) = (try meter.text("unit"), try meter.text("profile"))
                let json = try await place.run(
                    .meterd, "probe", address, unit, "--profile", profile, "--format", "json")
                try #require(json.code == 0, "\(profile): \(json.log)")
                let values = try JSON.decode(Document.self, json.output).values
                let index = try #require(values.first { $0.name == "import" }?.indexWh, "\(json.output)")
                let known = try #require(truth[try meter.text("usage_point")])
                let (today, tomorrow) = (try #require(known["2025-04-20"]), try #require(known["2025-04-21"]))
                #expect((today...tomorrow).contains(index), "\(profile)")

                let text = try await place.run(.meterd, "probe", address, unit, "--profile", profile)
                #expect(text.code == 0)
                #expect(text.output.contains("import"))
                // The ADL400's profile has no serial number: its map names no register for one.
                guard profile != "adl400" else { continue }
                let serial = try meter.text("serial")
                let shown = try #require(values.first { $0.name == "serial" }, "\(json.output)")
                #expect(shown.text == serial || shown.value == serial, "\(json.output)")
                #expect(text.output.contains(serial))
            }
        }

        private struct Extras: Decodable {
            struct Check: Decodable { let result: String }
            struct Clock: Decodable { let aheadS: Int? }
            struct Day: Decodable { let day: String? }
            struct Frame: Decodable {
                let at: String
                let request: String
                let reply: String
            }
            let check: Check
            let clock: Clock?
            let days: [Day]?
            let frames: [Frame]?
        }

        private struct Rehearsal: Decodable {
            struct Attempt: Decodable {
                struct Guess: Decodable {
                    let order: String
                    let plausible: Bool?
                }
                let name: String
                let shift: Int
                let guesses: [Guess]?
                let failure: String?
            }
            let judged: Int
            let asWritten: Int
            let rehearsal: [Attempt]
        }

        private static func widest(_ text: String) -> Int {
            text.components(separatedBy: "\n").map(\.count).max() ?? 0
        }

        @Test("a meter shows its check, clock, days and bytes, and a rehearsal proves its profile")
        func extras() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try await place.importFleet(meters: 2, gateways: 1, profiles: "siemens-pac,sdm630")
            _ = try await place.serve(clock: "2025-04-20T12:00:00+07:00,1")
            let gateway = try #require(try place.rows(of: "fleet/gateways.csv").first)
            let address = "127.0.0.1:\(try gateway.text("port"))"
            let pac = ["probe", address, "1", "--profile", "siemens-pac", "--days", "2"]
            let json = try await place.run(.meterd, pac + ["--frames", "--format", "json"])
            try #require(json.code == 0, "\(json.log)")
            let shown = try JSON.decode(Extras.self, json.output)
            #expect(shown.check.result == "passed")
            // The simulated clock is far from this machine's.
            #expect((shown.clock?.aheadS ?? 0) < -86_400)
            #expect(shown.days?.compactMap(\.day) == ["2025-04-20", "2025-04-19"])
            let frames = try #require(shown.frames)
            #expect(frames.contains { $0.at == "FC20 file 90 record 3+6" && $0.request.hasSuffix("00 5A 00 03 00 06") })
            #expect(frames.allSatisfy { $0.reply.hasPrefix($0.request.prefix(5)) }, "the transaction comes back")
            let text = try await place.run(.meterd, pac + ["--frames"])
            #expect(text.output.contains("check       passed"))
            #expect(text.output.contains("    > ") && text.output.contains("    < "))
            #expect(Self.widest(text.output) <= 120, "\(text.output)")

            let sdm = ["probe", address, "2", "--profile", "sdm630", "--rehearse"]
            let rehearsed = try JSON.decode(
                Rehearsal.self, try await place.run(.meterd, sdm + ["--format", "json"]).output)
            #expect(rehearsed.judged > 0 && rehearsed.asWritten == rehearsed.judged)
            let voltage = try #require(rehearsed.rehearsal.first { $0.name == "voltage_l1" && $0.shift == 0 })
            #expect(voltage.guesses?.filter { $0.plausible == true }.map(\.order) == ["abcd"])
            let table = try await place.run(.meterd, sdm)
            #expect(table.output.contains("As the profile says it: \(rehearsed.asWritten) of \(rehearsed.judged)."))
            #expect(Self.widest(table.output) <= 120, "\(table.output)")
        }

        @Test("a unit that is not there fails")
        func absentUnit() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try await place.importFleet(meters: 1, gateways: 1, profiles: "sdm630")
            _ = try await place.serve(clock: "2025-04-20T12:00:00+07:00,1")
            let gateway = try #require(try place.rows(of: "fleet/gateways.csv").first)
            let probed = try await place.run(
                .meterd, "probe", "127.0.0.1:\(try gateway.text("port"))", "77", "--profile", "sdm630", "--timeout",
                "200")
            #expect(probed.code == 1)
            #expect(probed.output.contains("not read"), "\(probed.output)\(probed.log)")
        }

        @Test("a closed port fails with a sentence that names it")
        func closedPort() async throws {
            let place = try Place()
            defer { place.leave() }
            let port = try Ports.free(1)
            let probed = try await place.run(.meterd, "probe", "127.0.0.1:\(port)", "1", "--profile", "sdm630")
            #expect(probed.code == 1)
            #expect(probed.output == "")
            #expect(probed.log == "127.0.0.1:\(port): Connection refused\n")
        }

        @Test(
            "wrong usage is told apart and names what would be right",
            arguments: [
                (["127.0.0.1", "1", "--profile", "adl4000"], "known are abb-b23, adl400"),
                (["127.0.0.1", "248", "--profile", "adl400"], "outside 0 to 247"),
                (["127.0.0.1", "1", "--profile", "adl400", "--timeout", "0"], "1 to 60000 ms"),
                (["127.0.0.1", "1", "--profile", "adl400", "--days", "101"], "0 to 100"),
                (["127.0.0.1", "1", "--profile", "adl400", "--digits", "0"], "1 to 12"),
                (["127.0.0.1", "1", "--profile", "adl400", "--time-zone", "Mars"], "no time zone"),
                (["127.0.0.1"], "<unit>"),
            ])
        func usage(arguments: [String], said: String) async throws {
            let place = try Place()
            defer { place.leave() }
            let refused = try await place.run(.meterd, ["probe"] + arguments)
            #expect(refused.code == 64)
            #expect(refused.log.contains(said), "\(refused.log)")
        }
    }
}
