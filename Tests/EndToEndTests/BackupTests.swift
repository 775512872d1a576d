import Foundation
import Testing

extension EndToEndTests {
    @Suite("meterd backup, restore and verify")
    struct BackupTests {
        @Test("a store that is written is backed up, verified, and restored elsewhere with what it held")
        func wholeWay() async throws {
            let place = try Place()
            defer { place.leave() }
            // Half a day a second: the store is written all the time.
            let clock = SharedClock.text("2025-04-20T00:00:00+07:00", speed: 43_200, secondsAhead: 2)
            try place.configure(clock: clock)
            try await place.importFleet(meters: 6, gateways: 1)
            let field = try await place.serve(clock: clock)
            let (daemon, _) = try await place.daemon()
            _ = try await daemon.line(with: "closed 2025-04-23")

            let made = try await place.meterd("backup", "backup.sqlite")
            #expect(
                made.hasPrefix("backup.sqlite: ") && made.contains(" of 6 meters, closed through 2025-04-2"), "\(made)")
            let manifest = try JSON.object(try place.read("backup.sqlite.json"))
            #expect(manifest["meters"] as? Int == 6)
            #expect((manifest["sha256"] as? String)?.count == 64)
            let refused = try await place.run(.meterd, "backup", "backup.sqlite", "--config", "meterd.yaml")
            #expect(refused.code == 1)
            #expect(refused.log.contains("a file is there already"), "\(refused.log)")
            _ = try await place.meterd("backup", "backup.sqlite", "--replace")

            // The daemon runs: the store is looked at, and not replaced.
            let live = try await place.run(.meterd, "verify", "--config", "meterd.yaml", "--all")
            #expect(live.code == 0, "\(live.output)")
            #expect(live.output.hasPrefix("meterd.sqlite: nothing found in "), "\(live.output)")
            let sound = try await place.run(.meterd, "verify", "--backup", "backup.sqlite", "--format", "json")
            #expect(sound.code == 0, "\(sound.output)")
            #expect(try JSON.object(sound.output)["findings_total"] as? Int == 0)
            let held = try await place.run(
                .meterd, "restore", "backup.sqlite", "--replace", "--config", "meterd.yaml")
            #expect(held.code == 1)
            #expect(held.log.contains("another meterd already runs on it"), "\(held.log)")
            daemon.terminate()
            #expect(try await daemon.code(within: 15) == 0, "\(daemon.log)")
            field.terminate()

            let occupied = try await place.run(.meterd, "restore", "backup.sqlite", "--config", "meterd.yaml")
            #expect(occupied.code == 1)
            #expect(occupied.log.contains("--replace keeps it beside"), "\(occupied.log)")
            // The last day that was whole when the backup was taken: the daemon has gone on since.
            let days = ["--from", "2025-04-20", "--to", "2025-04-22"]
            let name = try #require(try place.rows(of: "fleet/meters.csv").first?["usage_point"])
            func indices(_ config: String) async throws -> String {
                let listed = try await place.run(
                    .meterd, "index", name, days[0], days[1], days[2], days[3], "--config", config)
                #expect(listed.code == 0, "\(listed.log)")
                return listed.output
            }
            let before = try await indices("meterd.yaml")
            #expect(before.split(separator: "\n").count > 3, "\(before)")
            try place.write("store: {path: other.sqlite}\n", to: "other.yaml")
            let restored = try await place.run(.meterd, "restore", "backup.sqlite", "--config", "other.yaml")
            #expect(restored.code == 0, "\(restored.log)")
            #expect(restored.output.hasPrefix("other.sqlite: restored from backup.sqlite, taken 2025-04-2"))
            let after = try await indices("other.yaml")
            #expect(after == before, "\(after)\nnot\n\(before)")

            let replaced = try await place.run(
                .meterd, "restore", "backup.sqlite", "--replace", "--config", "meterd.yaml")
            #expect(replaced.code == 0, "\(replaced.log)")
            #expect(replaced.output.contains("meterd.sqlite.before-restore-"), "\(replaced.output)")
            #expect(try await indices("meterd.yaml") == before)
        }

        @Test("a damaged backup is found by verify and refused by restore, both with 65 and a sentence")
        func damaged() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try await place.importFleet(meters: 3, gateways: 1)
            _ = try await place.meterd("backup", "backup.sqlite")
            var bytes = try Data(contentsOf: URL(fileURLWithPath: place.path("backup.sqlite")))
            bytes[bytes.count - 100] ^= 1
            try bytes.write(to: URL(fileURLWithPath: place.path("backup.sqlite")))
            let verified = try await place.run(.meterd, "verify", "--backup", "backup.sqlite")
            #expect(verified.code == 65)
            #expect(verified.output.contains("its SHA-256 is not that of its manifest"), "\(verified.output)")
            #expect(
                verified.output.contains("backup.sqlite: ") && verified.output.contains(" found in "),
                "\(verified.output)")
            let restored = try await place.run(
                .meterd, "restore", "backup.sqlite", "--replace", "--config", "meterd.yaml")
            #expect(restored.code == 65)
            #expect(restored.log.contains("its SHA-256 is not that of its manifest"), "\(restored.log)")
            let bare = try await place.run(.meterd, "verify", "--backup", "fleet/meters.csv")
            #expect(bare.code == 65)
            #expect(bare.log.contains("has no manifest fleet/meters.csv.json beside it"), "\(bare.log)")
            let both = try await place.run(
                .meterd, "verify", "--backup", "backup.sqlite", "--config", "meterd.yaml")
            #expect(both.code == 64, "\(both.log)")
        }
    }
}
