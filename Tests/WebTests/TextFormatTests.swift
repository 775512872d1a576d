import Metering
import Testing

@testable import Web

@Suite("Text formats")
struct TextFormatTests {
    @Test("JSON keeps the order of members and escapes what RFC 8259 asks for")
    func writesJSON() {
        let json = JSONValue.members([
            "b": .integer(Int64.min), "a": .array([.null, .bool(true), .string("\"\\\n\t\u{1}/ é 日")]),
            "empty": .members([:]),
        ])
        #expect(json.text == #"{"b":-9223372036854775808,"a":[null,true,"\"\\\n\t\u0001/ é 日"],"empty":{}}"#)
    }

    @Test("escaping goes by scalar: a combining mark does not hide a quote")
    func escapesByScalar() {
        #expect(HTMLText.escape("<b>&\"'\u{338}") == "&lt;b&gt;&amp;&quot;&#39;\u{338}")
        #expect(HTMLText.escape("\"\u{338} onload=") == "&quot;\u{338} onload=")
    }

    @Test("every template escapes its plain values")
    func templatesEscape() throws {
        let html = try Pages().render("problem", ["title": "<script>\"\u{338}", "detail": "a & b", "status": 400])
        #expect(html.contains("<h1>&lt;script&gt;&quot;\u{338}</h1>"))
        #expect(html.contains("<p>a &amp; b</p>"))
    }

    @Test(
        "seconds are written from microseconds without floating point",
        arguments: [
            (0, "0"), (1, "0.000001"), (1_500_000, "1.5"), (60_000_000, "60"), (-250_000, "-0.25"),
        ] as [(Int64, String)])
    func writesSeconds(microseconds: Int64, text: String) {
        #expect(MetricsText.seconds(microseconds: microseconds) == text)
    }

    @Test("a histogram's buckets add up and end in +Inf")
    func writesHistogram() {
        var text = MetricsText()
        let histogram = DurationHistogram(
            buckets: [.init(microseconds: 1000, count: 3), .init(microseconds: 500_000, count: 2)], above: 1,
            sumMicroseconds: 2_750_000)
        text.family("x_seconds", .histogram, "A \"line\"\nbreak.", histogram.samples)
        #expect(
            text.text == """
                # HELP x_seconds A "line"\\nbreak.
                # TYPE x_seconds histogram
                x_seconds_bucket{le="0.001"} 3
                x_seconds_bucket{le="0.5"} 5
                x_seconds_bucket{le="+Inf"} 6
                x_seconds_sum 2.75
                x_seconds_count 6

                """)
    }

    @Test("columns of a terminal line up, Vietnamese letters included")
    func alignsColumns() {
        var table = TextTable([.left, .right])
        table.add(["Trước thuế", "1"])
        table.add(["Bậc", "469.250 đ"])
        #expect(table.text() == "Trước thuế          1\nBậc         469.250 đ\n")
    }

    @Test("a query reports all its faults together")
    func reportsAllFaults() throws {
        var query = Query("from=2025-02-30&register=imp&page=0&page=1&x=%3Cb%3E&q=a+b%20c")
        #expect(query.day("from") == nil)
        #expect(query.register("register") == nil)
        #expect(query.number("page", in: 1...9) == nil)
        #expect(query.text("q") == "a b c")
        let error = #expect(throws: BadQuery.self) { try query.check() }
        #expect(error?.faults.map(\.parameter) == ["from", "register", "page", "page", "x"])
        #expect(error?.faults.last?.value == "<b>")
    }

    @Test(
        "an axis ends at a whole step above the largest value",
        arguments: [
            (0, 100, 100), (100, 100, 100), (350, 100, 400), (401, 200, 600), (9_600, 5000, 10_000),
            (33_000, 10_000, 40_000),
        ] as [(Int64, Int64, Int64)])
    func findsSteps(largest: Int64, step: Int64, top: Int64) {
        let scale = ChartScale(largest: largest, smallestStep: 100, steps: 4, length: 200)
        #expect(scale.step == step)
        #expect(scale.top == top)
        #expect(scale.units(top) == 200)
        #expect(scale.ticks.last == top)
    }

    @Test(
        "only loopback may be listened on",
        arguments: [
            ("127.0.0.1:8080", true), ("127.8.9.1:0", true), ("localhost:80", true), ("[::1]:8080", true),
            ("0.0.0.0:8080", false), ("192.168.1.4:8080", false), ("[::]:80", false),
            ("127.0.0.1.evil.example:80", false),
        ])
    func refusesTheOutside(text: String, isAllowed: Bool) throws {
        let listen = try #require(ListenAddress(text))
        #expect(listen.description == text)
        let refusal = WebServer.refusal(of: listen)
        #expect((refusal == nil) == isAllowed)
        if let refusal {
            #expect(
                WebServerError.refused(listen, refusal).description.hasPrefix("web.listen \"\(text)\" can be reached"))
        }
    }

    @Test(
        "a listen address is host and port", arguments: ["", "8080", "host:", "::1:80", "host:65536", ":80", "[]:80"])
    func refusesBadAddresses(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
