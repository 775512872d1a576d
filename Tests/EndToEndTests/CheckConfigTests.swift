import Testing

extension EndToEndTests {
    @Suite("meterd check-config")
    struct CheckConfigTests {
        @Test("all faults are named at once, each with file, line, key and remedy, and the exit is 78")
        func faults() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.write(
                """
                time_zone: Asia/Hanoi
                store: {path: nowhere/meterd.sqlite, index_months: 13}
                head_end:
                  cadence: fast
                  shards: 0
                  profiles: not-there
                web: {listen: "0.0.0.0:80"}
                colour: blue
                clock: {simulated: "2025-04-20,1"}
                """, to: "bad.yaml")
            let checked = try await place.run(.meterd, "check-config", "--config", "bad.yaml")
            #expect(checked.code == 78)
            #expect(checked.output == "")
            let lines = checked.log.split(separator: "\n")
            let expected = [
                ("bad.yaml:1: time_zone \"Asia/Hanoi\":", "e.g. Asia/Ho_Chi_Minh"),
                ("bad.yaml:2: store.path \"nowhere/meterd.sqlite\":", "create it"),
                ("bad.yaml:2: store.index_months \"13\":", "from 14 to 1200"),
                ("bad.yaml:4: head_end.cadence \"fast\":", "e.g. 90s, 30m or 2h"),
                ("bad.yaml:5: head_end.shards \"0\":", "from 1 to 64"),
                ("bad.yaml:6: head_end.profiles \"not-there\":", "create it or leave the key out"),
                ("bad.yaml:7: web.listen \"0.0.0.0:80\":", "listen on 127.0.0.1"),
                ("bad.yaml:8: colour:", "known are billing.estimate_open_days"),
                ("bad.yaml:9: clock.simulated \"2025-04-20,1\":", "RFC 3339"),
            ]
            for (place, remedy) in expected {
                #expect(lines.contains { $0.hasPrefix(place) && $0.contains(remedy) }, "\(place) … \(remedy)")
            }
            #expect(lines.count == expected.count, "\(checked.log)")
        }

        @Test("faults of configuration, profiles, tariffs and holidays are named in one go")
        func faultsOfAllFiles() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.write("profile: mine\n", to: "profiles/mine.yaml")
            try place.write("number: 1\n", to: "tariffs/one.yaml")
            try place.write("holidays: [{holiday: Tết, from: soon, source: a guess}]\n", to: "holidays.yaml")
            try place.write(
                """
                store: {path: meterd.sqlite}
                head_end: {cadence: never, profiles: profiles}
                vee: {holidays: holidays.yaml}
                billing: {tariffs: tariffs}
                """, to: "bad.yaml")
            let checked = try await place.run(.meterd, "check-config", "--config", "bad.yaml")
            #expect(checked.code == 78)
            for file in ["bad.yaml:2: head_end.cadence", "mine.yaml", "one.yaml", "holidays.yaml:1"] {
                #expect(checked.log.contains(file), "\(file) in \(checked.log)")
            }
        }

        @Test("a profile with faults in the configured folder is named with its lines")
        func profile() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure(headEnd: "{profiles: profiles}")
            try place.write(
                """
                profile: mine
                version: 1
                manufacturer: Makers
                model: M1
                manual: "M1 manual"
                evidence: none
                function: 9
                values:
                  import: {address: 0x10, type: u99}
                """, to: "profiles/mine.yaml")
            let checked = try await place.run(.meterd, "check-config", "--config", "meterd.yaml")
            #expect(checked.code == 78)
            #expect(checked.log.contains("profiles/mine.yaml:7: function \"9\": must be 3"))
            #expect(checked.log.contains("profiles/mine.yaml:9: values.import.type \"u99\": must be one of u16"))
        }

        @Test("a tariff with faults in the configured folder is named")
        func tariff() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.write("store: {path: m.sqlite}\nbilling: {tariffs: tariffs}\n", to: "meterd.yaml")
            try place.write("decision: 1\n", to: "tariffs/next.yaml")
            let checked = try await place.run(.meterd, "check-config", "--config", "meterd.yaml")
            #expect(checked.code == 78)
            #expect(checked.log.contains("next.yaml"), "\(checked.log)")
        }

        @Test("a faultless configuration exits with 0 and touches nothing")
        func faultless() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            let checked = try await place.run(.meterd, "check-config", "--config", "meterd.yaml")
            #expect(checked.code == 0, "\(checked.log)")
            #expect(checked.output.hasPrefix("meterd.yaml: no fault\n"))
            #expect(checked.output.contains("abb-b23, adl400"))
            #expect(checked.output.contains("holidays    2025 15 days (1 unverified), 2026 15 days (9 unverified)"))
            #expect(throws: (any Error).self) { try place.read("meterd.sqlite") }
        }

        @Test("a simulated clock without an anchor is no fault but a warning, with the text that all can share")
        func clockWithoutAnchor() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure(clock: "2025-05-10T12:00:00+07:00,600")
            let warned = try await place.run(.meterd, "check-config", "--config", "meterd.yaml")
            #expect(warned.code == 0, "\(warned.log)")
            #expect(warned.output.hasPrefix("meterd.yaml: no fault\n"))
            #expect(warned.log.hasPrefix("warning: meterd.yaml:5: clock.simulated \"2025-05-10T12:00:00+07:00,600\":"))
            #expect(warned.log.split(separator: "\n").count == 1, "\(warned.log)")
            let anchored = try #require(warned.log.firstMatch(of: /write "(.+)"/)).1
            let daemon = try place.start(.meterd, "run", "--config", "meterd.yaml")
            #expect(try await daemon.line(with: "clock.simulated").hasPrefix("warning: "))
            // A command beside the daemon says what it was asked, and nothing else.
            #expect(try await place.run(.meterd, "status", "--config", "meterd.yaml").log == "")

            try place.configure(clock: String(anchored))
            let quiet = try await place.run(.meterd, "check-config", "--config", "meterd.yaml")
            #expect((quiet.code, quiet.log) == (0, ""))
        }

        @Test(
            "a configuration that is no configuration is refused",
            arguments: [
                ("absent.yaml", nil, "absent.yaml: cannot be read"),
                ("list.yaml", "- a\n- b\n", "list.yaml:1: must be"),
                ("torn.yaml", "store: {path: m.sqlite\n", "torn.yaml:"),
            ] as [(String, String?, String)])
        func noConfiguration(name: String, text: String?, said: String) async throws {
            let place = try Place()
            defer { place.leave() }
            if let text { try place.write(text, to: name) }
            let checked = try await place.run(.meterd, "check-config", "--config", name)
            #expect(checked.code == 78)
            #expect(checked.log.contains(said), "\(checked.log)")
        }
    }
}
