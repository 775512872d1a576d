import Foundation
import Testing

extension EndToEndTests {
    @Suite("meterd feed")
    struct FeedTests {
        @Test(
            "every customer's day is one row each in a file that is replaced whole; one customer's days are csv or json"
        )
        func feeds() async throws {
            let place = try Place()
            defer { place.leave() }
            // The meters kept the days before noon of the 25th themselves, so nobody waits for a midnight here.
            let clock = SharedClock.text("2025-04-25T12:00:00+07:00", speed: 1, secondsAhead: 0)
            try place.configure(clock: clock)
            try await place.importFleet(meters: 3, gateways: 1, profiles: "adl400")
            _ = try await place.serve(clock: clock)
            let (daemon, _) = try await place.daemon()
            let truth = try await place.truth(from: "2025-04-20", to: "2025-04-25")
            let usagePoints = truth.keys.sorted()
            for usagePoint in usagePoints {
                try await wait(for: "the frozen days of \(usagePoint)", explain: { daemon.log }) {
                    try await place.meterd(
                        "index", usagePoint, "--from", "2025-04-20", "--to", "2025-04-25", "--register", "import"
                    ).split(separator: "\n").count == 7
                }
            }
            try await everyCustomer(usagePoints, truth, place)
            try await oneCustomer(usagePoints[0], truth, place)
            try await everyBill(usagePoints, place)
        }

        /// Each row of a run is the bill that `meterd bill` gives; nothing changes in a second run.
        private func everyBill(_ usagePoints: [String], _ place: Place) async throws {
            let told = try await place.meterd("bill-run", "--as-of", "2025-04-24", "--out", "out/bills.csv")
            #expect(told.contains("Run 1 as of 2025-04-24: \(usagePoints.count) bills, 0 without one"))
            let rows = try place.rows(of: "out/bills.csv")
            #expect(try rows.map { try $0.text("usage_point") }.sorted() == usagePoints)
            for row in rows {
                let bill = try JSON.object(
                    try await place.meterd(
                        "bill", try row.text("usage_point"), "--as-of", "2025-04-24", "--format", "json"))
                #expect(bill["total_vnd"] as? Int64 == (try row.integer("total_vnd")))
                #expect(bill["kwh"] as? Int64 == (try row.integer("kwh")))
                #expect(try row.text("state") == "billed")
            }
            let again = try await place.meterd("bill-run", "--as-of", "2025-04-24")
            #expect(again.contains("0 new or changed"))
            let differences = try await place.meterd("bill-runs", "--from", "1", "--to", "2")
            #expect(differences.split(separator: "\n").count == 1)
        }

        private func everyCustomer(
            _ usagePoints: [String], _ truth: [String: [String: Int64]], _ place: Place
        ) async throws {
            try place.write("yesterday's file", to: "out/feed.csv")
            let reader = try FileHandle(forReadingFrom: place.folder.appendingPathComponent("out/feed.csv"))
            defer { try? reader.close() }
            _ = try await place.meterd("feed", "--day", "2025-04-22", "--out", "out/feed.csv")
            // Who reads the old file reads it to its end: the new one took its name, not its place.
            #expect(try reader.readToEnd() == Data("yesterday's file".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path("out")) == ["feed.csv"])
            let rows = try place.rows(of: "out/feed.csv")
            #expect(try rows.map { try $0.text("usage_point") }.sorted() == usagePoints)
            for row in rows {
                let known = try #require(truth[try row.text("usage_point")])
                let (index, next) = (try #require(known["2025-04-22"]), try #require(known["2025-04-23"]))
                #expect(try row.text("date") == "2025-04-22")
                #expect(try row.text("start") == "2025-04-22T00:00:00+07:00")
                #expect(try row.text("end") == "2025-04-23T00:00:00+07:00")
                #expect(try row.integer("index_wh") == index)
                #expect(try row.integer("consumption_wh") == next - index)
                #expect(try row.text("quality") == "frozen")
            }
            _ = try await place.meterd("feed", "--day", "2025-04-22", "--out", "out/feed.jsonl", "--format", "jsonl")
            let lines = try place.read("out/feed.jsonl").split(separator: "\n")
            let objects = try lines.map { try JSON.object(String($0)) }
            #expect(objects.compactMap { $0["usage_point"] as? String }.sorted() == usagePoints)

            let refused = try await place.run(
                .meterd, "feed", "--day", "2025-04-22", "--out", "nowhere/feed.csv", "--config", "meterd.yaml")
            #expect(refused.code == 1)
            #expect(refused.log.contains("nowhere/feed.csv") && refused.log.contains("cannot be written"))
            #expect(refused.log.split(separator: "\n").count == 1, "\(refused.log)")
        }

        private func oneCustomer(
            _ usagePoint: String, _ truth: [String: [String: Int64]], _ place: Place
        ) async throws {
            let known = try #require(truth[usagePoint])
            let expected = try ["2025-04-20", "2025-04-21"].map { try #require(known[$0]) }
            let period = ["feed", usagePoint, "--from", "2025-04-20", "--to", "2025-04-21", "--config", "meterd.yaml"]
            let csv = try await place.run(.meterd, period)
            #expect(csv.code == 0, "\(csv.log)")
            let rows = try CSVTable.rows(csv.output)
            #expect(try rows.map { try $0.text("date") } == ["2025-04-20", "2025-04-21"])
            #expect(try rows.map { try $0.integer("index_wh") } == expected)
            #expect(try rows.map { try $0.text("register") } == ["import", "import"])

            let json = try await place.run(.meterd, period + ["--format", "json"])
            #expect(json.code == 0, "\(json.log)")
            let document = try JSON.object(json.output)
            #expect(document["usage_point"] as? String == usagePoint)
            let days = try #require(document["days"] as? [[String: Any]])
            #expect(days.compactMap { ($0["index_wh"] as? Int).map(Int64.init) } == expected)

            let unknown = try await place.run(
                .meterd, "feed", "nobody", "--from", "2025-04-20", "--to", "2025-04-21", "--config", "meterd.yaml")
            #expect(unknown.code == 65)
            #expect(unknown.log.contains("no usage point nobody"))
        }
    }
}
