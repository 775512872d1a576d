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
