import Foundation
import HummingbirdTesting
import Metering
import Testing

@testable import Web

@Suite("Router")
struct RouterTests {
    @Test("a customer's days: integers, instants, quality and revision of every day, half open")
    func answersDaily() async throws {
        let fixture = try WebFixture()
        let answer = try await fixture.get("/api/v1/usage-points/P1/daily?from=2025-05-10&to=2025-05-12")
        #expect(answer.status == .ok)
        #expect(answer.header("content-type") == "application/json")
        #expect(
            answer.text == """
                {"usage_point":"P1","register":"import","obis":"1-0:1.8.0","unit":"Wh","from":"2025-05-10",\
                "to":"2025-05-12","start":"2025-05-10T00:00:00+07:00","end":"2025-05-12T00:00:00+07:00","days":[\
                {"date":"2025-05-10","start":"2025-05-10T00:00:00+07:00","end":"2025-05-11T00:00:00+07:00",\
                "index_wh":1150000,"consumption_wh":10000,"quality":{"code":19,"name":"frozen"},"error_bound_wh":0,\
                "revision":1},\
                {"date":"2025-05-11","start":"2025-05-11T00:00:00+07:00","end":"2025-05-12T00:00:00+07:00",\
                "index_wh":1160000,"consumption_wh":null,"quality":{"code":19,"name":"frozen"},"error_bound_wh":0,\
                "revision":1}]}

                """)
    }

    @Test("a bad query is answered with a problem document that names every fault")
    func namesEveryFault() async throws {
        let fixture = try WebFixture()
        let answer = try await fixture.get(
            "/api/v1/usage-points/P1/daily?from=2025-02-30&to=yesterday&register=volts&colour=red")
        #expect(answer.status == .badRequest)
        #expect(answer.header("content-type") == "application/problem+json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any])
        #expect(document["type"] as? String == "urn:meterd:problem:bad-query")
        #expect(document["status"] as? Int == 400)
        #expect(document["instance"] as? String == "/api/v1/usage-points/P1/daily")
        let faults = try #require(document["faults"] as? [[String: String]])
        #expect(faults.map { $0["parameter"] } == ["register", "from", "to", "colour"])
        #expect(faults.map { $0["value"] } == ["volts", "2025-02-30", "yesterday", "red"])
        #expect(faults.allSatisfy { !($0["remedy"] ?? "").isEmpty })
    }

    @Test(
        "periods that make no sense are refused",
        arguments: [
            ("/api/v1/usage-points/P1/daily?from=2025-05-10&to=2025-05-10", "to"),
            ("/api/v1/completeness?from=2020-01-01&to=2025-01-01", "from"),
            ("/api/v1/completeness?by=colour", "by"),
            ("/api/v1/completeness?by=reason&from=2025-05-10", "from"),
            ("/api/v1/usage-points/P1/bill?as_of=2025-05-12", "as_of"),
            ("/api/v1/gateways?state=asleep", "state"),
        ])
    func refusesPeriods(address: String, parameter: String) async throws {
        let answer = try await WebFixture().get(address)
        #expect(answer.status == .badRequest)
        #expect(answer.text.contains("\"parameter\":\"\(parameter)\""))
    }

    @Test(
        "what does not exist is 404, as a document for programs and as a page for people",
        arguments: [
            ("/api/v1/usage-points/P9/daily", "application/problem+json", "P9"),
            ("/api/v1/usage-points/P9/bill", "application/problem+json", "P9"),
            ("/api/v1/nothing", "application/problem+json", "/api/v1/nothing"),
            ("/usage-points/%3Cb%3E", "text/html; charset=utf-8", "&lt;b&gt;"),
            ("/?usage_point=P9", "text/html; charset=utf-8", "P9"),
            ("/nothing", "text/html; charset=utf-8", "/nothing"),
            ("/assets/..%2Fpage.mustache", "text/html; charset=utf-8", ""),
        ])
    func answers404(address: String, type: String, names: String) async throws {
        let answer = try await WebFixture().get(address)
        #expect(answer.status == .notFound)
        #expect(answer.header("content-type") == type)
        #expect(names.isEmpty || answer.text.contains(names))
    }

    @Test("a day in parts, with what is to be done about each reason")
    func answersCompletenessByReason() async throws {
        let answer = try await WebFixture().get("/api/v1/completeness?by=reason&day=2025-05-10")
        #expect(answer.status == .ok)
        #expect(
            answer.text == """
                {"day":"2025-05-10","by":"reason","closed_at":"2025-05-11T00:30:00+07:00",\
                "objective":null,\
                "total":{"expected":3,"valid":2,"frozen":2,"measured":0,"edited":0,"estimated":0,"missing":1},"parts":[\
                {"name":"gateway-silent","expected":1,"valid":0,"frozen":0,"measured":0,"edited":0,"estimated":0,\
                "missing":1,"remedy":"the network or a crew at the gateway: its power, its SIM, its address"},\
                {"name":"known","expected":2,"valid":2,"frozen":2,"measured":0,"edited":0,"estimated":0,"missing":0}]}

                """)
    }

    @Test("of a day that has not begun nothing is told")
    func refusesCompletenessAhead() async throws {
        let fixture = try WebFixture()
        #expect(try await fixture.get("/api/v1/completeness?by=reason&day=2025-05-11").status == .ok)
        let refused = try await fixture.get("/api/v1/completeness?by=reason&day=2025-05-12")
        #expect(refused.status == .badRequest && refused.text.contains("must be a day that has begun"))
    }

    @Test("a bill is the contract's document; one that cannot be made says why")
    func answersBill() async throws {
        let fixture = try WebFixture()
        let answer = try await fixture.get("/api/v1/usage-points/P1/bill?as_of=2025-05-11")
        #expect(answer.status == .ok)
        #expect(answer.text.hasPrefix(#"{"category":"residential","period":{"from":"2025-05-01","to":"2025-05-10"},"#))
        #expect(answer.text.contains(#""kwh":100,"#))
        let refused = try await fixture.get("/api/v1/usage-points/P3/bill")
        #expect(refused.status == .unprocessableContent)
        #expect(refused.text.contains("urn:meterd:problem:no-bill"))
    }

    @Test("a bill as it was known is made from the indices of then, says so, and looks into no future")
    func answersBillKnownThen() async throws {
        let fixture = try WebFixture()
        let address = "/api/v1/usage-points/P1/bill?known_at="
        let now = try await fixture.get("/api/v1/usage-points/P1/bill?as_of=2025-05-08").text
        try fixture.store.edit(
            usagePoint: "P1", register: .activeImport, day: WebFixture.today - 3, index: Energy(wattHours: 1_131_000),
            reason: "a photo", by: "Lan", at: WebFixture.now)
        #expect(try await fixture.get("/api/v1/usage-points/P1/bill?as_of=2025-05-08").text != now)
        // As of the day of that moment, unless another is given.
        let then = try await fixture.get(address + "2025-05-08T06:00:00%2B07:00")
        #expect(then.text.replacing(#""known_at":"2025-05-07T23:00:00Z","#, with: "") == now)
        for (moment, says) in [
            ("2025-05-12T00:00:00Z", "lies in the future"), ("2025-05-08T06:00:00+07:00", "a + is written %2B"),
        ] {
            let refused = try await fixture.get(address + moment)
            #expect(refused.status == .badRequest)
            #expect(refused.text.contains(says), "\(refused.text)")
        }
        let early = try await fixture.get(address + "2025-04-20T00:00:00Z")
        #expect(early.status == .unprocessableContent, "nothing was known then")
    }

    @Test("a bill of a day before all that is known names the first known index, not failures")
    func answersEarlyBill() async throws {
        let fixture = try WebFixture()
        for day in ["2024-12-01", "2025-04-25"] {
            let answer = try await fixture.get("/api/v1/usage-points/P1/bill?as_of=\(day)")
            #expect(answer.status == .unprocessableContent)
            #expect(answer.text.contains("its first known index is of 2025-04-25"), "\(answer.text)")
        }
        // Whose meter never answered, its failures say why.
        #expect(try await fixture.get("/api/v1/usage-points/P3/bill").text.contains("its meter's failures"))
    }

    @Test("a bill that contradicts itself is refused in the API and on the pages, with the indices that do")
    func answersImpossibleBill() async throws {
        let fixture = try WebFixture()
        try fixture.store.edit(
            usagePoint: "P1", register: .activeImport, day: WebFixture.today, index: Energy(wattHours: 7000),
            reason: "a slip", by: "Lan", at: WebFixture.now)
        let said = "meter S1 stood at 1150.000 kWh on 2025-05-10 (frozen) and at 7.000 kWh on 2025-05-11 (edited)"
        let answer = try await fixture.get("/api/v1/usage-points/P1/bill")
        #expect(answer.status == .unprocessableContent)
        #expect(answer.text.contains(said), "\(answer.text)")
        #expect(try await fixture.get("/usage-points/P1").text.contains(said))
    }

    @Test("completeness counts against the meters that should have been read")
    func answersCompleteness() async throws {
        let answer = try await WebFixture().get("/api/v1/completeness?from=2025-05-05&to=2025-05-06")
        #expect(
            answer.text == """
                {"from":"2025-05-05","to":"2025-05-06","start":"2025-05-05T00:00:00+07:00",\
                "end":"2025-05-06T00:00:00+07:00","days":[{"day":"2025-05-05","closed":true,"expected":3,"valid":1,\
                "frozen":1,"measured":0,"edited":0,"estimated":1,"missing":1,"consumption_wh":16002,\
                "missing_at_end":1,"closed_at":"2025-05-11T00:30:00+07:00"}]}

                """)
    }

    @Test("where nothing of a day is known its energy is unknown, never 0; where a part is, the page says of whom")
    func tellsUnknownEnergy() async throws {
        let partly = try await WebFixture().get("/").text
        #expect(partly.contains("Điện năng T7 10/05: 16 kWh (2/3 công tơ đầu ngày, 2/3 cuối ngày)"))
        let fixture = try WebFixture(isUnread: true)
        let answer = try await fixture.get("/api/v1/completeness?from=2025-05-10&to=2025-05-12").text
        #expect(answer.contains(#""missing":3,"consumption_wh":null,"missing_at_end":3,"#))
        #expect(answer.contains(#""missing":3,"consumption_wh":null,"missing_at_end":null,"#), "its end is not closed")
        #expect(try await fixture.get("/").text.contains("Điện năng T7 10/05: không rõ"))
    }

    @Test("gateways tell their state and their last failure")
    func answersGateways() async throws {
        let answer = try await WebFixture().get("/api/v1/gateways?state=offline")
        #expect(answer.text.contains(#"{"gateway":"G2","station":"","district":"Tây","#))
        #expect(answer.text.contains(#""state":"offline","meters":1,"last_success":null,"#))
        #expect(answer.text.contains(#""failed":3,"failed_by_kind":{"timeout":3}"#))
        #expect(!answer.text.contains("G<1>"))
    }

    @Test("the control centre shows the figure of the day, the gateways, the failures and a customer, all escaped")
    func showsControlCentre() async throws {
        let answer = try await WebFixture().get("/")
        #expect(answer.status == .ok)
        let page = answer.text
        #expect(page.contains("<strong>66</strong><span>,66 %</span>"))
        #expect(page.contains("<strong>2</strong> trên 3 công tơ"))
        #expect(page.contains("G&lt;1&gt;"))
        #expect(page.contains("không trả lời"))
        #expect(page.contains("Lê &lt;script&gt;alert(1)&lt;/script&gt; &quot;\u{338} onx=&#39;"))
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("Hóa đơn tạm tính"))
        #expect(!page.contains("{{"))
        #expect(!page.contains("style=\""), "the policy allows no inline style")
        #expect(!page.contains("\"http"), "nothing from elsewhere")
    }

    @Test("search shows what it finds, chooses the first, and escapes what was typed")
    func searches() async throws {
        let fixture = try WebFixture()
        #expect(try await fixture.get("/?q=S2").text.contains("Trần Thị B"))
        let several = try await fixture.get("/?q=P").text
        #expect(several.contains("3 kết quả"))
        #expect(several.contains("href=\"/?q=P&amp;usage_point=P3\""))
        let nothing = try await fixture.get("/?q=%22%3E%3Cb%3E").text
        #expect(nothing.contains("value=\"&quot;&gt;&lt;b&gt;\""))
        #expect(nothing.contains("Không tìm thấy"))
    }

    @Test("a meter's page goes down to the words on the wire")
    func showsUsagePoint() async throws {
        let page = try await WebFixture().get("/usage-points/P2").text
        #expect(page.contains("<code>0012 D687</code>"))
        #expect(page.contains("G&lt;1&gt; / 2"))
        #expect(page.contains("class=\"bar estimated\""))
        #expect(page.contains("Chỉ số đã dùng"))
        #expect(!page.contains("{{"))
    }

    @Test("an empty store gives pages that say so")
    func showsEmptyStore() async throws {
        let fixture = try WebFixture(isEmpty: true)
        for address in ["/", "/gateways", "/metrics", "/readyz", "/api/v1/completeness", "/api/v1/gateways"] {
            #expect(try await fixture.get(address).status == .ok, "\(address)")
        }
        #expect(try await fixture.get("/").text.contains("Chưa có công tơ nào trong sổ"))
    }

    @Test("a store that does not answer is told apart from a process that does not live")
    func tellsStoreFailure() async throws {
        let fixture = try WebFixture()
        try fixture.store.close()
        #expect(try await fixture.get("/healthz").status == .ok)
        #expect(try await fixture.get("/readyz").status == .serviceUnavailable)
        let document = try await fixture.get("/api/v1/usage-points/P1/daily")
        #expect(document.status == .serviceUnavailable)
        #expect(!document.text.contains("sqlite"), "the inside is for the log")
        #expect(try await fixture.get("/").status == .serviceUnavailable)
    }

    @Test(
        "every answer carries the security headers",
        arguments: ["/", "/nothing", "/api/v1/gateways", "/assets/live.js"])
    func sendsSecurityHeaders(address: String) async throws {
        let answer = try await WebFixture().get(address)
        #expect(answer.header("content-security-policy")?.hasPrefix("default-src 'self'") == true)
        #expect(answer.header("x-content-type-options") == "nosniff")
        #expect(answer.header("referrer-policy") == "no-referrer")
    }

    @Test("the server listens on a port of its own choice and ends with its task")
    func listens() async throws {
        let server = try WebFixture().server
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let running = Task { try await server.run { told.yield($0) } }
        let port = await ports.first { _ in true }
        #expect((1...65_535).contains(port ?? 0))
        running.cancel()
        _ = await running.result
    }

    @Test("metrics: each family once, HELP and TYPE before its samples, no series twice")
    func writesMetrics() async throws {
        let headEnd = HeadEndFigures(
            requests: ["ok": 12, "timeout": 3], droppedReplies: ["unknown \"transaction\"": 1], connections: 1,
            requestDuration: DurationHistogram(
                buckets: [.init(microseconds: 10_000, count: 4)], above: 0, sumMicroseconds: 12_345),
            commitDuration: DurationHistogram(
                buckets: [.init(microseconds: 50_000, count: 2)], above: 1, sumMicroseconds: 900_000),
            commitCPUMicroseconds: 1_500_000)
        let answer = try await WebFixture(headEnd: headEnd).get("/metrics")
        #expect(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        var families: Set<String> = []
        var series: Set<Substring> = []
        var current = ""
        for line in answer.text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP") {
                current = String(words[2])
                #expect(families.insert(current).inserted, "\(current) twice")
            } else if line.hasPrefix("# TYPE") {
                #expect(words[2] == current)
            } else {
                #expect(line.hasPrefix(current), "\(line) stands outside its family")
                let name = line[..<(line.lastIndex(of: " ") ?? line.endIndex)]
                #expect(series.insert(name).inserted, "\(name) twice")
            }
        }
        #expect(answer.text.hasSuffix("\n"))
        #expect(answer.text.contains("meterd_requests_total{result=\"timeout\"} 3\n"))
        #expect(answer.text.contains("meterd_requests_total{result=\"exception\"} 0\n"))
        #expect(answer.text.contains("meterd_dropped_replies_total{reason=\"unknown \\\"transaction\\\"\"} 1\n"))
        #expect(answer.text.contains("meterd_closed_day_indices{quality=\"missing\"} 1\n"))
        #expect(answer.text.contains("meterd_gateways{state=\"offline\"} 1\n"))
        #expect(answer.text.contains("meterd_request_duration_seconds_sum 0.012345\n"))
        #expect(answer.text.contains("meterd_store_commit_duration_seconds_count 3\n"))
        #expect(answer.text.contains("meterd_store_commit_cpu_seconds_total 1.5\n"))
        #expect(answer.text.contains("meterd_polls_stored_total{result=\"timeout\"} 3\n"))
    }
}
