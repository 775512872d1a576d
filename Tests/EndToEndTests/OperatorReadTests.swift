import Testing

extension EndToEndTests {
    @Suite("An operator reads one meter")
    struct OperatorReadTests {
        @Test("the meter answers at once, with the words of each register, long before its slot has come")
        func readNow() async throws {
            let place = try Place()
            defer { place.leave() }
            // On the system's pace the next slot of these meters is minutes away, and midnight hours.
            let clock = SharedClock.text("2025-05-09T12:00:00+07:00", speed: 1, secondsAhead: 2)
            try place.configure(clock: clock)
            try await place.importFleet(meters: 2, gateways: 1, profiles: "sdm630")
            _ = try await place.serve(clock: clock)
            let (daemon, site) = try await place.daemon()
            let meter = try #require(try place.rows(of: "fleet/meters.csv").first)
            let usagePoint = try #require(meter["usage_point"])
            let answer = try await site.post("/api/v1/usage-points/\(usagePoint)/read")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text.contains("\"failures\":[]"), "\(answer.text)")
            #expect(answer.text.contains("{\"register\":\"import\",\"index_wh\":"), "\(answer.text)")
            #expect(try await site.get("/usage-points/\(usagePoint)").text.contains("Đọc ngay"))
            daemon.terminate()
            #expect(try await daemon.code(within: 15) == 0, "\(daemon.log)")
        }
    }
}
