import Hummingbird
import HummingbirdTesting
import Metering
import Store
import Testing

@testable import Web

@Suite("An operator's read")
struct OperatorReadTests {
    private static func outcome(_ meter: MeterID, _ result: Result<[Reading], PollFailure>) -> PollOutcome {
        PollOutcome(
            meter: meter, gateway: WebFixture.gatewayName, unit: 1, transaction: 77, profile: "sdm630/1",
            requested: WebFixture.now, answered: WebFixture.now + .seconds(1), result: result)
    }

    private static let dial = Reading(
        register: .activeImport, moment: .live, index: Energy(wattHours: 1_234_567), words: [0x0012, 0xD687])

    @Test("shows every dial with the words on the wire, as JSON and as a page")
    func shows() async throws {
        let fixture = try WebFixture(readMeter: { meter, gateway in
            #expect(gateway == WebFixture.gatewayName)
            return [Self.outcome(meter, .success([Self.dial]))]
        })
        let answer = try await fixture.post("/api/v1/usage-points/P1/read")
        #expect(answer.status == .ok)
        #expect(answer.text.contains(#""meter":"S1","gateway":"G<1>","unit":1,"#))
        #expect(answer.text.contains(#""register":"import","index_wh":1234567,"#))
        #expect(answer.text.contains(#""transaction":77,"profile":"sdm630/1","words":"0012 D687""#))
        #expect(answer.text.contains(#""failures":[]"#))
        let page = try await fixture.post("/usage-points/P1/read").text
        #expect(page.contains("1.234,567") && page.contains("<code>0012 D687</code>"))
        #expect(!page.contains("data-refresh-seconds"), "a refresh would read the meter again")
        #expect(!page.contains("{{"))
    }

    @Test(
        "a failure is told by status and kind, and never looks like a value",
        arguments: [
            ([.failure(.timeout)], 504, "timeout"), ([.failure(.exception(0x0B))], 502, "exception"),
            ([.failure(.noConnection("refused"))], 502, "no-connection"), ([.success([])], 502, nil),
        ] as [([Result<[Reading], PollFailure>], Int, String?)])
    func fails(_ results: [Result<[Reading], PollFailure>], _ status: Int, _ kind: String?) async throws {
        let fixture = try WebFixture(readMeter: { meter, _ in results.map { Self.outcome(meter, $0) } })
        let answer = try await fixture.post("/api/v1/usage-points/P1/read")
        #expect(answer.status.code == status)
        #expect(answer.header("content-type") == "application/problem+json")
        #expect(answer.text.hasPrefix(#"{"type":"urn:meterd:problem:no-reading","title":"The meter gave no reading","#))
        #expect(answer.text.contains(#""meter":"S1","gateway":"G<1>","unit":1,"#))
        #expect(answer.text.contains(#""readings":[],"failures":[\#(kind.map { #"{"kind":"\#($0)","# } ?? "]")"#))
        #expect(try await fixture.post("/usage-points/P1/read").text.contains("Công tơ không cho số nào."))
    }

    @Test("some dials and a failure are an answer, with both")
    func partly() async throws {
        let fixture = try WebFixture(readMeter: { meter, _ in
            [Self.outcome(meter, .success([Self.dial])), Self.outcome(meter, .failure(.timeout))]
        })
        let answer = try await fixture.post("/api/v1/usage-points/P1/read")
        #expect(answer.status == .ok)
        #expect(answer.text.contains(#""index_wh":1234567"#))
        #expect(answer.text.contains(#""failures":[{"kind":"timeout","#))
    }

    @Test(
        "what cannot be read says why",
        arguments: [
            ("P1", "not-polled", 409), ("NOBODY", "unknown-usage-point", 404),
        ])
    func refuses(_ usagePoint: String, _ kind: String, _ status: Int) async throws {
        let answer = try await WebFixture().post("/api/v1/usage-points/\(usagePoint)/read")
        #expect(answer.status.code == status)
        #expect(answer.text.contains("urn:meterd:problem:\(kind)"))
    }

    @Test("another site's page cannot have a meter read, the service's own page and programs can")
    func ownPagesOnly() async throws {
        let fixture = try WebFixture(readMeter: { meter, _ in [Self.outcome(meter, .success([Self.dial]))] })
        let site = try #require(HTTPFields.Element.Name("Sec-Fetch-Site"))
        let address = "/api/v1/usage-points/P1/read"
        #expect(try await fixture.post(address, headers: [site: "cross-site"]).status == .forbidden)
        #expect(try await fixture.post(address, headers: [.origin: "http://evil.example"]).status == .forbidden)
        #expect(try await fixture.post(address, headers: [site: "same-origin"]).status == .ok)
        #expect(try await fixture.post(address).status == .ok)
    }

    @Test("reading is asked for by POST only")
    func postOnly() async throws {
        let fixture = try WebFixture(readMeter: { _, _ in
            Issue.record("a link must not read a meter")
            return nil
        })
        for address in ["/api/v1/usage-points/P1/read", "/usage-points/P1/read"] {
            let answer = try await fixture.get(address)
            #expect(answer.status == .methodNotAllowed)
            #expect(answer.header("allow") == "POST")
            #expect(answer.text.contains("\(address) is asked with POST"))
        }
    }
}

@Suite("Meters to look into")
struct MeterCasePageTests {
    @Test("a meter that shows another serial is on the control centre, in the API and in the status")
    func shownEverywhere() async throws {
        let fixture = try WebFixture()
        #expect(try await !fixture.get("/").text.contains("cases-title"), "nothing to look into, nothing shown")
        let meter = try #require(try fixture.store.meter(atUsagePoint: "P1", on: WebFixture.today))
        _ = try fixture.store.ingest([
            PollOutcome(
                meter: meter.id, gateway: WebFixture.gatewayName, unit: 1, transaction: 5, profile: "sdm630/1",
                requested: WebFixture.now, answered: WebFixture.now,
                result: .failure(.identity(.serial(found: "X<9>", registered: "S1"))),
                facts: MeterFacts(standing: .foreign, serial: "X<9>"))
        ])
        let page = try await fixture.get("/").text
        #expect(page.contains("cases-title") && page.contains("X&lt;9&gt;") && !page.contains("X<9>"))
        let cases = try await fixture.get("/api/v1/cases").text
        #expect(
            cases.contains(#""total":1,"cases":[{"id":1,"kind":"identity","severity":"blocks","state":"open","#))
        #expect(
            cases.contains(#""usage_point":"P1""#) && cases.contains(#""meter":"S1","register":null,"found":"X<9>""#))
        #expect(try await fixture.get("/api/v1/cases?kind=high").text.contains(#""total":0,"cases":[]"#))
        let refusal = try await fixture.get("/api/v1/cases?state=gone&order=size")
        #expect(refusal.status == .badRequest && refusal.text.contains("field-visit") && refusal.text.contains("stake"))
        #expect(try await fixture.get("/usage-points/P1").text.contains("tự xưng X&lt;9&gt;"))
    }
}

@Suite("The sweep under way")
struct SweepForecastTests {
    @Test("the control centre says what is left, when it will be done, and who stands in the way")
    func shown() async throws {
        var headEnd = HeadEndFigures(metersOverdue: 1234)
        headEnd.forecast.milliseconds = 90_000
        headEnd.forecast.latest = [
            .init(gateway: "GW7", requests: 200, milliseconds: nil),
            .init(gateway: "GW<9>", requests: 180, milliseconds: 90_000),
        ]
        let page = try await WebFixture(headEnd: headEnd).get("/").text
        #expect(
            page.contains(
                "Còn 1.234 lần hỏi; dự kiến xong 00:31:30, chậm nhất GW&lt;9&gt;; chưa đoán được: GW7"))
        #expect(try await !WebFixture().get("/").text.contains("lần hỏi"), "nothing is due")
    }
}
