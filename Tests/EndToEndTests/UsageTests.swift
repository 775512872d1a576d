import Testing

extension EndToEndTests {
    /// What whoever types a command wrongly is told, and by which command.
    @Suite("Usage")
    struct UsageTests {
        @Test("the help names registers as they are typed, and the default among them")
        func registers() async throws {
            let place = try Place()
            defer { place.leave() }
            for command in ["feed", "edit", "index", "corrections"] {
                let help = try await place.run(.meterd, "help", command).output
                let words = help.split(whereSeparator: \.isWhitespace)
                #expect(words.filter { $0.hasPrefix("reactive_export") }.count == 1, "\(help)")
                #expect(!help.contains("default: 1") && !help.contains("- \n"), "\(help)")
            }
            let words = try await place.run(.meterd, "help", "feed").output.split(whereSeparator: \.isWhitespace)
            #expect(words.joined(separator: " ").contains("reactive_export (default: import)."))
            let refused = try await place.run(
                .meterd, "index", "P", "--from", "2025-05-01", "--to", "2025-05-01", "--register", "volts")
            #expect(refused.code == 64)
            #expect(refused.log.contains("'--register <register>': must be one of import, export,"), "\(refused.log)")
        }

        @Test(
            "a day that is none is answered with what a day looks like",
            arguments: [
                (Program.meterd, ["bill", "P", "--as-of", "21/05/2025"], "bill"),
                (.meterd, ["feed", "--day", "2025-02-30"], "feed"),
                (.meterd, ["index", "P", "--from", "today"], "index"),
                (.meterd, ["edit", "P", "--day", "1 May"], "edit"),
                (.metersim, ["truth", "fleet.yaml", "--to", "2025-5-1"], "truth"),
            ])
        func days(program: Program, arguments: [String], command: String) async throws {
            let place = try Place()
            defer { place.leave() }
            let refused = try await place.run(program, arguments)
            #expect(refused.code == 64)
            #expect(
                refused.log.contains(
                    "The value '\(arguments.last ?? "")' is invalid for '\(arguments[arguments.count - 2]) <"),
                "\(refused.log)")
            #expect(refused.log.contains(">': must be a day as YYYY-MM-DD, e.g. 2025-05-10\n"), "\(refused.log)")
            #expect(refused.log.contains("\nUsage: \(program.rawValue) \(command) "), "\(refused.log)")
        }

        @Test(
            "what is wrong with a command is not answered with the usage of all commands",
            arguments: [
                ["corrections", "--since", "yesterday"], ["profiles", "acme"],
                ["probe", "localhost", "1", "--profile", "acme"],
                [
                    "quote", "--category", "residential", "--from", "2025-05-01", "--to", "2025-05-31", "--kwh", "5",
                    "--households", "0",
                ],
            ])
        func ownUsage(arguments: [String]) async throws {
            let place = try Place()
            defer { place.leave() }
            let refused = try await place.run(.meterd, arguments)
            #expect(refused.code == 64)
            #expect(
                ["no profile acme; known are", "Usage: meterd quote ", "Usage: meterd corrections "]
                    .contains { refused.log.contains($0) })
            #expect(!refused.log.contains("meterd <subcommand>"), "\(refused.log)")
        }

        @Test("a bill of a day that lies ahead says so, and sends nobody to look for failures")
        func billAhead() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure(clock: SharedClock.text("2025-05-20T12:00:00+07:00", speed: 1, secondsAhead: 0))
            try await place.importFleet(meters: 1, gateways: 1)
            let usagePoint = try #require(try place.rows(of: "fleet/meters.csv").first?["usage_point"])
            let ahead = try await place.run(
                .meterd, "bill", usagePoint, "--as-of", "2025-08-01", "--config", "meterd.yaml")
            #expect(ahead.code == 65)
            #expect(
                ahead.log
                    == "usage point \(usagePoint): no bill as of 2025-08-01: that day lies ahead; today is 2025-05-20\n"
            )
            let tomorrow = try await place.run(
                .meterd, "bill", usagePoint, "--as-of", "2025-05-21", "--config", "meterd.yaml")
            #expect(tomorrow.code == 65 && tomorrow.log.contains("that day lies ahead; today is 2025-05-20"))
            let now = try await place.run(.meterd, "bill", usagePoint, "--config", "meterd.yaml")
            #expect(now.log.contains("see its meter's failures"), "nothing of it is known at all")
        }
    }
}
