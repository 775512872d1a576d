import Metering
import Testing

extension EndToEndTests {
    @Suite("From the meters to the bill")
    struct WholeWayTests {
        @Test("four days of twelve meters on a fast clock: indices are true, pages answer, bills add up")
        func fourDays() async throws {
            let place = try Place()
            defer { place.leave() }
            let clock = SharedClock.text("2025-04-20T00:00:00+07:00", speed: 43_200, secondsAhead: 2)
            try place.configure(headEnd: "{cadence: 2h, midnight_window: 1h}", clock: clock)
            try await place.importFleet(meters: 12, gateways: 2)
            _ = try await place.serve(clock: clock)
            let (daemon, site) = try await place.daemon()
            _ = try await daemon.line(with: "closed 2025-04-24")

            let truth = try await place.truth(from: "2025-04-01", to: "2025-04-25")
            let meters = try place.rows(of: "fleet/meters.csv")
            #expect(meters.count == 12)
            for meter in meters {
                let usagePoint = try meter.text("usage_point")
                let known = try #require(truth[usagePoint])
                if try meter.text("profile") == "adl400" {
                    try await expectFrozen(usagePoint, known, place)
                } else {
                    try await expectWithinBound(usagePoint, known, place)
                }
            }
            try await expectStatus(place)
            let customer = try meters[0].text("usage_point")
            try await expectPages(site, customer: customer, try #require(truth[customer]?["2025-04-22"]))

            daemon.terminate()
            #expect(try await daemon.code(within: 15) == 0, "\(daemon.log)")
            #expect(daemon.log.contains("the store is closed"))
            for meter in meters { try await expectBill(of: meter, truth, place) }
        }

        /// A meter that keeps its own midnights has each of them since it was installed, to the watt-hour, however late
        /// it was asked: nobody read it before the 20th.
        private func expectFrozen(_ usagePoint: String, _ truth: [String: Int64], _ place: Place) async throws {
            let days = truth.keys.filter { $0 <= "2025-04-24" }.sorted()
            #expect(days.first == "2025-04-01")
            var rows: [[String: String]] = []
            try await wait(for: "\(days.count) frozen indices of \(usagePoint)", seconds: 30, explain: { "\(rows)" }) {
                rows = try await indexRows(usagePoint, place)
                return rows.count == days.count
            }
            #expect(try rows.map { try $0.text("day") } == days)
            for (position, row) in rows.enumerated() {
                let day = days[position]
                #expect(try row.text("usage_point") == usagePoint)
                #expect(try row.text("register") == "import")
                #expect(try row.text("quality") == "frozen")
                #expect(try row.integer("index_wh") == truth[day], "\(usagePoint) on \(day)")
                // The last day's consumption is known once the day after it has begun and was read.
                if position == rows.count - 1, try row.text("consumption_wh") == "" { continue }
                let next = try #require(ServiceDay(iso: day)?.next)
                let used = try #require(truth["\(next)"]) - (try #require(truth[day]))
                #expect(try row.integer("consumption_wh") == used, "\(usagePoint) on \(day)")
            }
        }

        private func indexRows(_ usagePoint: String, _ place: Place) async throws -> [[String: String]] {
            let csv = try await place.meterd(
                "index", usagePoint, "--from", "2025-04-01", "--to", "2025-04-24", "--register", "import")
            #expect(csv.hasPrefix("usage_point,register,day,index_wh,consumption_wh,quality,revision\n"))
            return try CSVTable.rows(csv)
        }

        /// An index between two readings lies no further from the truth than it says.
        private func expectWithinBound(_ usagePoint: String, _ truth: [String: Int64], _ place: Place) async throws {
            struct Document: Decodable {
                struct Index: Decodable {
                    let day: String
                    let indexWh: Int64
                    let errorBoundWh: Int64
                    let quality: String
                }
                let usagePoint: String
                let indices: [Index]
            }
            let text = try await place.meterd(
                "index", usagePoint, "--from", "2025-04-21", "--to", "2025-04-24", "--register", "import", "--format",
                "json")
            let document = try JSON.decode(Document.self, text)
            #expect(document.usagePoint == usagePoint)
            #expect(!document.indices.isEmpty, "\(usagePoint): no index on four days")
            #expect(Set(document.indices.map(\.day)).count == document.indices.count, "\(usagePoint): a day twice")
            for index in document.indices {
                let error = abs(index.indexWh - (try #require(truth[index.day])))
                #expect(error <= index.errorBoundWh, "\(usagePoint) on \(index.day): \(index)")
                #expect(index.quality != "frozen")
            }
        }

        private func expectStatus(_ place: Place) async throws {
            let status = try JSON.object(try await place.meterd("status", "--format", "json"))
            let closed = try #require(status["last_closed_day"] as? String)
            #expect(closed >= "2025-04-24")
            let gateways = try #require(status["gateways"] as? [String: Any])
            #expect(gateways["total"] as? Int == 2)
            let day = try #require(status["completeness"] as? [String: Any])
            #expect(day["expected"] as? Int == 12)
            #expect(try #require(day["frozen"] as? Int) <= 4)
        }

        private func expectPages(_ site: Site, customer: String, _ index: Int64) async throws {
            let alive = try await site.get("/healthz")
            #expect((alive.status, alive.text) == (200, "ok\n"))
            #expect(try await site.get("/readyz").status == 200)
            let metrics = try await site.get("/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("# TYPE "))
            let page = try await site.get("/")
            #expect(page.status == 200)
            #expect(page.type.hasPrefix("text/html"))
            #expect(page.text.contains("</html>"))

            // Of the API's periods the end is not part.
            let daily = try await site.get("/api/v1/usage-points/\(customer)/daily?from=2025-04-22&to=2025-04-23")
            #expect(daily.status == 200)
            let days = try #require(try JSON.object(daily.text)["days"] as? [[String: Any]])
            #expect(days.map { $0["date"] as? String } == ["2025-04-22"])
            #expect(days.map { ($0["index_wh"] as? Int).map(Int64.init) } == [index])

            #expect(try await site.get("/api/v1/usage-points/nobody/daily").status == 404)
            #expect(try await site.get("/nowhere").status == 404)
        }

        /// The bill adds up, and its kWh are the whole ones that lie between the indices it names.
        private func expectBill(
            of meter: [String: String], _ truth: [String: [String: Int64]], _ place: Place
        ) async throws {
            let usagePoint = try meter.text("usage_point")
            let text = try await place.meterd("bill", usagePoint, "--as-of", "2025-04-24", "--format", "json")
            let bill = try JSON.decode(Bill.self, text)
            bill.expectToAddUp("\(usagePoint): \(text)")
            let coverage = try #require(bill.coverage)
            #expect(coverage.measured + coverage.estimated + coverage.missing == coverage.days)
            let indices = try #require(bill.indices)
            let (first, last) = (try #require(indices.first), try #require(indices.last))
            #expect(bill.kwh == (last.indexWh - first.indexWh) / 1000, "\(usagePoint)")
            guard try meter.text("profile") == "adl400" else { return }
            // What the meter froze since the day it was installed reaches to the first day of the period.
            #expect(coverage.missing == 0, "\(usagePoint): \(text)")
            #expect(first.indexWh == truth[usagePoint]?[first.day])
            #expect((last.day, last.indexWh) == ("2025-04-24", truth[usagePoint]?["2025-04-24"] ?? -1))
        }
    }
}
