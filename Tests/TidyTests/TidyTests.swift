import Foundation
import Testing

/// The house rules, held against the repository itself.
@Suite("the house")
struct TidyTests {
    /// Read once for all rules.
    private static let checkout = Result {
        let repository = try Repository()
        return (repository: repository, files: try repository.swiftFiles())
    }

    private let repository: Repository
    private let files: [SourceFile]

    init() throws { (repository, files) = try Self.checkout.get() }

    private func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation) {
        let told = findings.map(\.description).joined(separator: "\n")
        #expect(findings.isEmpty, "\n\(told)", sourceLocation: sourceLocation)
    }

    @Test("is found, with all its rooms")
    func isFound() {
        let targets = Set(files.compactMap(\.target))
        #expect(targets == Set(HouseTable.current.rows.keys).subtracting(["CEpoll", "CLibmodbus", "CTimex"]))
    }

    @Test("keeps its rules", arguments: HouseRule.all)
    func keeps(rule: HouseRule) {
        expectNone(files.flatMap(rule.find))
    }

    @Test("has only the arrows in Package.swift that the table allows")
    func arrows() throws {
        let text = try repository.file("Package.swift").lines.joined(separator: "\n")
        let manifest = Manifest(path: "Package.swift", text: text)
        #expect(Set(HouseTable.current.rows.keys).isSubset(of: manifest.targets.map(\.name)))
        expectNone(manifest.findings())
        expectNone(files.flatMap(manifest.undeclared))
    }

    @Test("has no arrow that points upward or in a circle")
    func noCircles() {
        var done: Set<String> = []
        let rows = HouseTable.current.rows
        while let next = rows.first(where: { !done.contains($0.key) && $0.value.house.isSubset(of: done) }) {
            done.insert(next.key)
        }
        #expect(done == Set(rows.keys), "these see each other in a circle: \(Set(rows.keys).subtracting(done))")
    }

    @Test(
        "is the same in the smaller packages in which defences and rules are taken out",
        arguments: ["scripts/defences/Package.swift", "scripts/rules/Package.swift"])
    func smaller(package: String) throws {
        func manifest(_ path: String) throws -> [String: Manifest.Target] {
            let text = try repository.file(path).lines.joined(separator: "\n")
            return Dictionary(uniqueKeysWithValues: Manifest(path: path, text: text).targets.map { ($0.name, $0) })
        }
        let whole = try manifest("Package.swift")
        for (name, part) in try manifest(package) {
            let target = try #require(whole[name], "\(name) is no target any more")
            #expect(
                part.house == target.house && part.products == target.products,
                "\(package) gives \(name) other dependencies than Package.swift")
        }
    }

    @Test(
        "has defences and rules that can be taken out: each changes the file that it names",
        arguments: ["scripts/defences", "scripts/rules"])
    func takenOut(folder: String) throws {
        for script in try repository.files(below: [folder], ending: ".sed") {
            let target = String(try #require(script.lines.first).dropFirst(2))
            let sed = Process()
            sed.executableURL = URL(filePath: "/usr/bin/env")
            sed.arguments =
                ["sed", "-f"] + [script.path, target].map { repository.root.appendingPathComponent($0).path }
            let output = Pipe()
            sed.standardOutput = output
            try sed.run()
            let changed = try output.fileHandleForReading.readToEnd() ?? Data()
            sed.waitUntilExit()
            #expect(sed.terminationStatus == 0, "\(script.path)")
            let before = try Data(contentsOf: repository.root.appendingPathComponent(target))
            #expect(changed != before, "\(script.path) changes nothing in \(target) any more; adapt it to the code")
        }
    }

    @Test("has the tests that fall without a rule, as scripts/rules names them")
    func fallen() throws {
        for script in try repository.files(below: ["scripts/rules"], ending: ".sed") {
            // StoreTests.MeterCaseTests/identityCase
            let names = script.lines[2].dropFirst(2).split { "./".contains($0) }
            try #require(names.count == 3, "\(script.path) names no test on its third line")
            let isThere = files.contains { file in
                file.path.hasPrefix("Tests/\(names[0])/") && file.lines.contains { $0.contains("struct \(names[1])") }
                    && file.lines.contains { $0.contains("func \(names[2])(") }
            }
            #expect(isThere, "\(script.path) names \(names[2]), which is no test of \(names[1])")
        }
    }

    @Test("has documents whose links lead somewhere")
    func links() throws {
        expectNone(
            try repository.documents().flatMap { DocumentLinks.findings(in: $0, exists: repository.exists) })
    }
}
