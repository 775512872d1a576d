import Testing

extension EndToEndTests {
    @Suite("The registry changes under a running daemon")
    struct LiveRegistryTests {
        @Test("a meter that is added is read without a restart, and its neighbours' line is not disturbed")
        func added() async throws {
            let place = try Place()
            defer { place.leave() }
            // Half an hour of civil time passes in a quarter of a second.
            let clock = SharedClock.text("2025-05-09T23:00:00+07:00", speed: 7200, secondsAhead: 8)
            try place.configure(clock: clock)
            try await place.importFleet(meters: 4, gateways: 1, profiles: "sdm630")
            let whole = try place.read("fleet/meters.csv")
            let rows = whole.split(separator: "\n").map(String.init)
            try #require(rows.count == 5)

            let fewer = try Place()
            defer { fewer.leave() }
            try fewer.configure(clock: clock)
            try fewer.write(rows.dropLast().joined(separator: "\n") + "\n", to: "fleet/meters.csv")
            for name in ["gateways.csv", "usage_points.csv"] {
                try fewer.write(try place.read("fleet/\(name)"), to: "fleet/\(name)")
            }
            _ = try await fewer.meterd("registry", "import", "fleet")
            _ = try await place.serve(clock: clock)
            let (daemon, site) = try await fewer.daemon()
            let last = try #require(try place.rows(of: "fleet/meters.csv").last?["usage_point"])
            try await wait(for: "three meters polled", seconds: 30, explain: { daemon.log }) {
                try await site.get("/metrics").text.contains("meterd_connections 1")
            }

            try fewer.write(whole, to: "fleet/meters.csv")
            _ = try await fewer.meterd("registry", "import", "fleet")
            try await wait(for: "an index of the new meter", seconds: 60, explain: { daemon.log }) {
                let index = try await fewer.meterd(
                    "index", last, "--from", "2025-05-01", "--to", "2026-05-01", "--format", "csv")
                return index.split(separator: "\n").count > 1
            }
            #expect(daemon.isRunning)
            #expect(daemon.log.contains("1 gateways changed or new, 0 gone"), "\(daemon.log)")
            daemon.terminate()
            #expect(try await daemon.code(within: 15) == 0, "\(daemon.log)")
        }
    }
}
