/// What `Package.swift` says of each target, read from its text.
struct Manifest {
    struct Target {
        let name: String
        let line: Int
        let isTest: Bool
        let path: String?
        /// Names of targets of this package.
        let house: Set<String>
        /// Names of other packages' products.
        let products: Set<String>
    }

    let path: String
    let targets: [Target]

    init(path: String, text: String) {
        self.path = path
        // Without comments, but with the strings: names stand in them.
        let code = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in String(line.firstRange(of: "// ").map { line[..<$0.lowerBound] } ?? line) }
            .joined(separator: "\n")
        let begin = code.firstRange(of: "\n    targets: [")?.upperBound ?? code.startIndex
        targets = code[begin...].matches(of: /\.(target|executableTarget|testTarget|systemLibrary)\(/).map { match in
            let body = Self.inside(code, from: match.range.upperBound)
            let list =
                body.firstMatch(of: /dependencies:\s*\[/).map { Self.inside(code, from: $0.range.upperBound) } ?? ""
            let products = list.matches(of: /\.product\(\s*name:\s*"(\w+)"[^)]*\)/)
            let house = list.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"(\w+)"/)
            return Target(
                name: body.firstMatch(of: /name:\s*"(\w+)"/).map { String($0.1) } ?? "",
                line: code[..<match.range.lowerBound].count { $0 == "\n" } + 1,
                isTest: match.1 == "testTarget", path: body.firstMatch(of: /path:\s*"([^"]+)"/).map { String($0.1) },
                house: Set(house.map { String($0.1) }), products: Set(products.map { String($0.1) }))
        }
    }

    /// What stands between the bracket before `start` and the one that closes it.
    private static func inside(_ code: some StringProtocol, from start: String.Index) -> Substring {
        let text = Substring(code)
        var depth = 1
        var end = start
        while end < text.endIndex {
            if "([".contains(text[end]) { depth += 1 }
            if ")]".contains(text[end]) { depth -= 1 }
            if depth == 0 { break }
            end = text.index(after: end)
        }
        return text[start..<end]
    }

    /// Arrows that the table does not allow, and targets that it does not know. Tests, what only they use, and
    /// benchmarks may see anything.
    func findings(_ table: HouseTable = .current) -> [Finding] {
        func isOutside(_ target: Target) -> Bool {
            target.isTest || ["Benchmarks/", "Tests/"].contains { target.path?.hasPrefix($0) == true }
        }
        return targets.filter { !isOutside($0) }.flatMap { target -> [Finding] in
            func finding(_ remedy: String) -> Finding { Finding(path: path, line: target.line, remedy: remedy) }
            guard let row = table.rows[target.name] else {
                return [finding("target \(target.name) is not in HouseTable: give it a row there")]
            }
            let wrong = target.house.subtracting(row.house).union(target.products.subtracting(row.outside))
            return wrong.sorted().map {
                finding(
                    "\(target.name) may not depend on \($0): remove the arrow, or change HouseTable with a decision")
            }
        }
    }

    /// Targets of the house that a file imports though its own target does not declare them.
    func undeclared(in file: SourceFile) -> [Finding] {
        guard let target = targets.first(where: { $0.name == file.target }) else { return [] }
        let names = Set(targets.map(\.name))
        return ImportLine.all(in: file).filter { names.contains($0.module) && !target.house.contains($0.module) }.map {
            Finding(
                path: file.path, line: $0.line,
                remedy:
                    "\(target.name) imports \($0.module) without declaring it: add it to the target in Package.swift")
        }
    }
}
