import Testing

extension EndToEndTests {
    @Suite("meterd run")
    struct DaemonTests {
        @Test("a second daemon on the same store is refused in a sentence, and the first goes on")
        func second() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            let (first, site) = try await place.daemon()
            let second = try await place.run(.meterd, "run", "--config", "meterd.yaml", within: 30)
            #expect(second.code == 1)
            #expect(second.log.contains("another meterd already runs on it"), "\(second.log)")
            #expect(second.log.contains("meterd.sqlite"), "\(second.log)")
            #expect(second.log.contains("stop that one first"), "\(second.log)")
            #expect(try await site.get("/readyz").status == 200)
            first.terminate()
            #expect(try await first.code(within: 15) == 0, "\(first.log)")

            // The lock goes with its holder.
            let (third, again) = try await place.daemon()
            #expect(try await again.get("/healthz").status == 200)
            third.terminate()
            #expect(try await third.code(within: 15) == 0, "\(third.log)")
        }

        @Test("where no meter was ever heard, the log says that the day's consumption is not known, and no 0")
        func unheard() async throws {
            let place = try Place()
            defer { place.leave() }
            let clock = SharedClock.text("2025-05-10T12:00:00+07:00", speed: 43_200, secondsAhead: 0)
            try place.configure(headEnd: "{close_after: 1h}", clock: clock)
            try await place.importFleet(meters: 2, gateways: 1)
            let (daemon, _) = try await place.daemon()
            let line = try await daemon.line(with: "closed 2025-05-14")
            #expect(line.contains("0 of 2 indices (2 missing); what 2025-05-13 used is not known"), "\(line)")
            #expect(!daemon.log.contains("kWh"), "\(daemon.log)")
        }

        @Test("a daemon with a faulty configuration does not start and exits with 78")
        func faulty() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.write("store: {path: m.sqlite}\nhead_end: {shards: many}\n", to: "meterd.yaml")
            let refused = try await place.run(.meterd, "run", "--config", "meterd.yaml", within: 30)
            #expect(refused.code == 78)
            #expect(refused.log.contains("meterd.yaml:2: head_end.shards \"many\""))
        }

        @Test("a web port that another holds ends the daemon with a sentence that names it")
        func portTaken() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            let (holder, site) = try await place.daemon()
            try place.write(
                "store: {path: other.sqlite}\nweb: {listen: \"127.0.0.1:\(site.port)\"}\n", to: "other.yaml")
            let refused = try await place.run(.meterd, "run", "--config", "other.yaml", within: 30)
            #expect(refused.code == 1)
            #expect(refused.log.contains("127.0.0.1:\(site.port)"), "\(refused.log)")
            #expect(refused.log.contains("Address already in use"), "\(refused.log)")
            #expect(refused.log.contains("web.listen"), "\(refused.log)")
            #expect(holder.isRunning)
        }

        @Test(
            "systemd hears READY with a status once the control centre answers, and STOPPING at the end",
            arguments: ["path", "abstract"])
        func systemd(kind: String) async throws {
            let place = try Place()
            defer { place.leave() }
            let socket =
                try kind == "path"
                ? NotifySocket(path: place.path("notify"))
                : NotifySocket(abstract: "meterd-\(place.folder.lastPathComponent)")
            defer { socket.end() }
            try place.configure(headEnd: "{cadence: 24h}")
            // No gateway of this fleet is there: the service is ready nevertheless.
            try await place.importFleet(meters: 3, gateways: 1)
            let daemon = try place.start(
                .meterd, "run", "--config", "meterd.yaml", environment: ["NOTIFY_SOCKET": socket.name])
            var heard: [String] = []
            try await wait(for: "READY=1", seconds: 60, explain: { daemon.log }) {
                heard += socket.messages()
                return !heard.isEmpty || !daemon.isRunning
            }
            let ready = try #require(heard.first, "\(daemon.log)").split(separator: "\n")
            #expect(ready.first == "READY=1")
            #expect(ready.dropFirst().first?.hasPrefix("STATUS=polling 3 meters behind 1 gateway") == true, "\(ready)")
            let line = try #require(daemon.log.split(separator: "\n").first { $0.contains("listening on ") })
            let port = try #require(line.split(separator: ":").last.flatMap { Int($0) }, "\(line)")
            #expect(try await Site(port: port).get("/healthz").status == 200)
            #expect(!socket.messages().contains { $0.contains("STOPPING") })

            daemon.terminate()
            #expect(try await daemon.code(within: 15) == 0, "\(daemon.log)")
            let last = socket.messages()
            #expect(last.contains("STOPPING=1"), "\(last)")
            #expect(!last.contains { $0.contains("READY") })
        }
    }
}
