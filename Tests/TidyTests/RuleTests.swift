import Testing

/// Each rule is shown to fail on a snippet that breaks it, and to pass on one that only looks so.
@Suite("a house rule")
struct RuleTests {
    /// Lines at which the rule finds something, were the text a file of this target.
    private func lines(_ rule: HouseRule, in target: String, _ text: String) -> [Int] {
        let folder = ["metersim", "MeterFleet"].contains(target) ? "simulators" : "Sources"
        return rule.find(SourceFile(path: "\(folder)/\(target)/Snippet.swift", text: text)).map(\.line)
    }

    @Test(
        "imports go only where the house allows",
        arguments: [
            ("Metering", "import Foundation\nimport Dispatch\n", [2]),
            ("Packing", "import Metering\nimport Foundation\n", [2]),
            ("Billing", "import Modbus\n", [1]),
            ("Billing", "import Yams\nimport Glibc\n", [2]),
            ("Reactor", "import CEpoll\nimport Metering\n", [2]),
            ("HeadEnd", "import Modbus\nimport Store\n", [2]),
            ("HeadEnd", "@preconcurrency import GRDB\n", [1]),
            ("Web", "import Hummingbird\n@testable private import HeadEnd\n", [2]),
            ("Web", "import struct VEE.DayBoundary\n", [1]),
            ("MeterFleet", "import Store\n", [1]),
            ("metersim", "import MeterFleet\nimport HeadEnd\n", [2]),
            ("meterd", "import MeterFleet\nimport Web\n", [1]),
            ("Invoicing", "import Foundation\n", [1]),
            // No imports at all.
            ("VEE", "// import Foundation\nlet text = \"import Foundation\"\n/* import GRDB */\n", []),
        ] as [(String, String, [Int])])
    func imports(target: String, text: String, found: [Int]) {
        #expect(lines(.imports, in: target, text) == found)
    }

    @Test(
        "rules never ask for the time",
        arguments: [
            ("Billing", "let today = Date()", [1]),
            ("Billing", "let today = Date.now", [1]),
            ("VEE", "\nclock_gettime(CLOCK_REALTIME, &time)", [2]),
            ("Modbus", "let begin = ContinuousClock().now", [1]),
            ("Metering", "schedule(deadline: .now() + 1)", [1]),
            ("Metering", "let date = Date(timeIntervalSince1970: 0) // not Date()", []),
            ("HeadEnd", "let today = Date()", []),
        ] as [(String, String, [Int])])
    func time(target: String, text: String, found: [Int]) {
        #expect(lines(.time, in: target, text) == found)
    }

    @Test(
        "energy and money are integers",
        arguments: [
            ("Billing", "let price: Double = 3", [1]),
            ("Web", "let share = 0.5", [1]),
            ("Store", "func f(_ x: Float) {}", [1]),
            ("VEE", "let span: TimeInterval", [1]),
            ("VEE", "let x = Double(1)  // because", [1]),
            ("VEE", "// float: the library wants it\nlet x = Double(1)\nlet y = Double(2)", [3]),
            ("VEE", "let x = Double(1)  // float: the library wants it", []),
            ("Web", "let text = \"0.5 Double\"; let part = pair.0.1; let range = 0...10", []),
            ("Web", "// A Double of 0.5", []),
            ("MeterFleet", "let load = 0.5", []),
        ] as [(String, String, [Int])])
    func floatingPoint(target: String, text: String, found: [Int]) {
        #expect(lines(.floatingPoint, in: target, text) == found)
    }

    @Test(
        "nothing is forced",
        arguments: [
            ("let a = b!.c", [1]), ("let a = b[0]!", [1]), ("f(a!, b)", [1]), ("let a = f()!", [1]), ("a![0] = 1", [1]),
            ("var a: Foo!", [1]), ("try! f()", [1]), ("let a = b as! Foo", [1]), ("let text = \"\\(a!)\"", [1]),
            ("let x = a! + b", [1]),
            ("if a != b, !c { d(!e) }", []), ("guard !x.isEmpty else { return }", []), ("let text = \"stop! now\"", []),
            ("// really! (yes)", []), ("let text = \"\"\"\n  no! way\n  \"\"\"", []), ("let a = b ? !c : !d", []),
        ] as [(String, [Int])])
    func forcing(text: String, found: [Int]) {
        #expect(lines(.forcing, in: "HeadEnd", text) == found)
    }

    @Test(
        "nothing is left for later",
        arguments: [
            ("// TODO: later", [1]), ("let a = 1  // FIXME", [1]), ("/* one\n XXX two */", [2]),
            ("let text = \"TODO\"", []), ("// todos are fine words, TODOS too", []),
        ] as [(String, [Int])])
    func markers(text: String, found: [Int]) {
        #expect(lines(.markers, in: "Store", text) == found)
    }

    @Test(
        "libraries do not print",
        arguments: [
            ("Store", "print(\"here\")", [1]), ("Web", "if a { debugPrint(a) }", [1]), ("MeterFleet", "dump(a)", [1]),
            ("Store", "page.print(text); blueprint(1)", []), ("meterd", "print(\"here\")", []),
            ("metersim", "print(\"here\")", []),
        ] as [(String, String, [Int])])
    func printing(target: String, text: String, found: [Int]) {
        #expect(lines(.printing, in: target, text) == found)
    }

    @Test(
        "what the compiler cannot check has its reason beside it",
        arguments: [
            ("final class Lane: @unchecked Sendable {}", [1]),
            ("nonisolated(unsafe) var count = 0", [1]),
            ("// far away\n\n\n\nfinal class Lane: @unchecked Sendable {}", [5]),
            ("// ----\nfinal class Lane: @unchecked Sendable {}", [2]),
            ("/// Touched on its queue only.\nfinal class Lane: @unchecked Sendable {}", []),
            ("final class Lane: @unchecked Sendable {\n    // `link` is touched on `queue` only.", []),
            ("let text = \"@unchecked Sendable\"", []),
        ] as [(String, [Int])])
    func reasons(text: String, found: [Int]) {
        #expect(lines(.reasons, in: "HeadEnd", text) == found)
    }

    @Test("files stay readable")
    func fileLength() {
        let line = "let a = 1\n"
        #expect(lines(.fileLength, in: "Web", String(repeating: line, count: 450)) == [])
        #expect(lines(.fileLength, in: "Web", String(repeating: line, count: 451)) == [451])
    }

    @Test("lines stay readable, and a column is a character")
    func lineLength() {
        #expect(lines(.lineLength, in: "Web", "\n" + String(repeating: "a", count: 121)) == [2])
        #expect(lines(.lineLength, in: "Web", "\n" + String(repeating: "ễ", count: 120)) == [])
    }

    @Test(
        "the code knows no machine",
        arguments: [
            ("let path = \"/tmp/meterd.sqlite\"", [1]), ("/// See /home/me/notes.", [1]),
            ("let home = \"/\("root")/.config\"", [1]), ("/// See /\("work")/notes.", [1]),
            ("let path = \"/var/lib/meterd\"", []), ("let link = \"https://example.org/page/1\"", []),
        ] as [(String, [Int])])
    func machinePaths(text: String, found: [Int]) {
        #expect(lines(.machinePaths, in: "Store", text) == found)
    }

    @Test(
        "the Store's seam has no SQL in it",
        arguments: [
            ("Store", "package func days(_ db: Database) {", [1]), ("Store", "    package let rows: [Row]", [1]),
            ("Store", "package func indices(sql: String) {", [1]), ("Store", "func days(_ db: Database) {", []),
            ("Store", "package func days() throws -> [ServiceDay] {", []), ("Web", "package let row: Row", []),
        ] as [(String, String, [Int])])
    func seam(target: String, text: String, found: [Int]) {
        #expect(lines(.seam, in: target, text) == found)
    }

    @Test(
        "only the Store knows the database",
        arguments: [
            ("Web", "import GRDB", [1]), ("meterd", "import GRDBSQLite", [1]),
            ("HeadEnd", "sqlite3_step(statement)", [1]),
            ("Store", "import GRDB\nsqlite3_step(statement)", []), ("Web", "// sqlite3_step(", []),
        ] as [(String, String, [Int])])
    func database(target: String, text: String, found: [Int]) {
        #expect(lines(.database, in: target, text) == found)
    }

    @Test("a finding names file, line and remedy")
    func finding() {
        let file = SourceFile(path: "Sources/Store/Store.swift", text: "\n// FIXME\n")
        #expect(
            HouseRule.markers.find(file).map(\.description)
                == ["Sources/Store/Store.swift:2: do it now, or open an issue and delete the marker"])
    }

    // MARK: - The manifest

    private static let manifest = """
        let package = Package(
            products: [.executable(name: "meterd", targets: ["meterd"])],
            dependencies: [.package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")],
            targets: [
                // 1: rules, .target(name: "Commented")
                .target(name: "VEE", dependencies: ["Metering", "Store"]),
                .target(
                    name: "Web",
                    dependencies: ["Metering", .product(name: "GRDB", package: "GRDB.swift")],
                    resources: [.copy("Resources")]),
                .target(name: "Metering"),
                .target(name: "Invoicing", dependencies: ["Metering"]),
                .executableTarget(name: "sweep", dependencies: ["Store"], path: "Benchmarks/sweep"),
                .testTarget(name: "VEETests", dependencies: ["VEE", "Store"]),
            ]
        )
        """

    @Test("on the manifest finds arrows that point upward, foreign products and unknown targets")
    func arrows() {
        let found = Manifest(path: "Package.swift", text: Self.manifest).findings().map(\.description)
        #expect(
            found == [
                "Package.swift:6: VEE may not depend on Store: remove the arrow, or change HouseTable with a decision",
                "Package.swift:7: Web may not depend on GRDB: remove the arrow, or change HouseTable with a decision",
                "Package.swift:12: target Invoicing is not in HouseTable: give it a row there",
            ])
    }

    @Test("on the manifest finds imports that a target does not declare")
    func undeclared() {
        let manifest = Manifest(path: "Package.swift", text: Self.manifest)
        let file = SourceFile(path: "Sources/Web/Page.swift", text: "import Foundation\nimport Metering\nimport VEE\n")
        #expect(
            manifest.undeclared(in: file).map(\.description) == [
                "Sources/Web/Page.swift:3: Web imports VEE without declaring it: add it to the target in Package.swift"
            ])
    }

    // MARK: - Documents

    @Test(
        "on documents finds links that lead nowhere",
        arguments: [
            ("README.md", "see [it](docs/SCHEMA.md)", ["docs/SCHEMA.md"]),
            (
                "README.md", "see [it](docs/HERE.md#part), [web](https://a.b/c), [part](#part), `docs/GONE.md`",
                ["docs/GONE.md"]
            ),
            (
                "docs/HERE.md", "[up](../README.md) [beside](GONE.md) ![picture](./a.png)",
                ["docs/GONE.md", "docs/a.png"]
            ),
            (
                "docs/decisions/1.md", "[a](../../README.md)\n[b](../HERE.md)\n[c](2.md \"title\")",
                ["docs/decisions/2.md"]
            ),
            ("README.md", "```\n[not a link](gone.md)\n```\n[a link](gone.md)", ["gone.md"]),
        ] as [(String, String, [String])])
    func links(path: String, text: String, missing: [String]) {
        let there: Set = ["README.md", "docs/HERE.md"]
        let found = DocumentLinks.findings(in: SourceFile(path: path, text: text), exists: there.contains)
        #expect(found.map { $0.remedy } == missing.map { "there is no \($0): correct the link or write the page" })
    }

    // MARK: - Taking Swift apart

    @Test(
        "sees code without comments and without the insides of strings",
        arguments: [
            ("let a = 1 // b", "let a = 1 ", " b"),
            ("a /* b /* c */ d */ e", "a  e", " b  c  d "),
            ("a(\"b // c\") // d", "a(\"\")", " d"),
            ("\"a \\\" b\" + c", "\"\" + c", ""),
            ("\"a\\\\\" + c", "\"\" + c", ""),
            ("\"a \\(b(c) + \"d\") e\" + f", "\"(b(c) + \"\")\" + f", ""),
            ("#\"a \" \\(b) \\#(c) \"# + d", "\"(c)\" + d", ""),
            ("\"\"\"\n  a \" b // c\n  \"\"\" + d", "\"\n\n\" + d", "\n\n"),
            ("\"\"\"\n  a \\\n  b\n  \"\"\" + c", "\"\n\n\n\" + c", "\n\n\n"),
            ("#if DEBUG", "#if DEBUG", ""),
        ])
    func takesApart(text: String, code: String, comments: String) {
        let taken = SwiftText(text)
        let kept = taken.code.joined(separator: "\n")
        #expect(kept.trimmed == code.trimmed)
        #expect(taken.comments.joined(separator: "\n").trimmed == comments.trimmed)
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmed: String { String(reversed().drop { $0 == " " }.reversed()) }
}
