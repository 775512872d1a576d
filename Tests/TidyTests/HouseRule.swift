/// Something that is not as the house wants it, and what to do about it.
struct Finding: Hashable, Sendable, CustomStringConvertible {
    let path: String
    /// 1-based.
    let line: Int
    let remedy: String

    var description: String { "\(path):\(line): \(remedy)" }
}

/// A rule that holds for each Swift file by itself.
struct HouseRule: Sendable, CustomStringConvertible {
    let name: String
    let find: @Sendable (SourceFile) -> [Finding]

    var description: String { name }

    private static let inHouse: @Sendable (SourceFile) -> Bool = { $0.target != nil }

    /// A rule on lines: where the file counts, each line that `breaks` is a finding.
    /// A line without any of the `signs` is not looked at closely, because patterns are slow; no signs: every line.
    private static func onLines(
        _ name: String, remedy: String, signs: [String],
        where counts: @escaping @Sendable (SourceFile) -> Bool = { _ in true },
        breaks: @escaping @Sendable (SourceFile, _ position: Int) -> Bool
    ) -> HouseRule {
        HouseRule(name: name) { file in
            guard counts(file) else { return [] }
            return file.lines.indices
                .filter { position in
                    signs.isEmpty || signs.contains { file.lines[position].contains($0) }
                }
                .filter { breaks(file, $0) }
                .map { Finding(path: file.path, line: $0 + 1, remedy: remedy) }
        }
    }

    /// Whether a comment on these lines says something, `word` if given.
    private static func hasComment(_ file: SourceFile, _ positions: ClosedRange<Int>, word: String = "") -> Bool {
        positions.clamped(to: 0...(file.comments.count - 1)).contains {
            let comment = file.comments[$0]
            return comment.contains { $0.isLetter } && (word.isEmpty || comment.contains(word))
        }
    }

    static let all: [HouseRule] = [
        imports, time, floatingPoint, forcing, markers, printing, reasons, fileLength, lineLength, machinePaths,
        database, seam, conformance,
    ]

    static let imports = HouseRule(name: "imports go only where the house allows") { file in
        guard let target = file.target else { return [] }
        return ImportLine.all(in: file).compactMap { line, module in
            guard let row = HouseTable.current.rows[target] else {
                return Finding(
                    path: file.path, line: line, remedy: "target \(target) is not in HouseTable: give it a row there")
            }
            guard !row.house.contains(module), !row.outside.contains(module) else { return nil }
            return Finding(
                path: file.path, line: line,
                remedy: "\(target) may not import \(module): move the code to a target that may, or change HouseTable "
                    + "with a decision")
        }
    }

    static let time = onLines(
        "rules never ask for the time", remedy: "layers 0 and 1 never ask for the time: take an Instant as an argument",
        signs: ["Date", ".now", "time", "Time", "Clock"],
        where: { HouseTable.timeless.contains($0.target ?? "") }
    ) { file, position in
        file.code[position].contains(
            #/
            \bDate\(\s*\) | \.now\b | \b(?:clock_gettime|gettimeofday|ContinuousClock|SuspendingClock)\b
            | \b(?:DispatchTime|systemUptime)\b | \btime\(nil\)
            /#)
    }

    static let floatingPoint = onLines(
        "energy and money are integers",
        remedy: "no floating point here: use Energy, Money or another integer; or give the reason in a comment "
            + "`// float: …` on this line or the one above",
        signs: ["Double", "Float", "Interval"] + (0...9).map { ".\($0)" },
        where: { HouseTable.exact.contains($0.target ?? "") }
    ) { file, position in
        file.code[position].contains(
            /\b(?:Double|Float|Float16|Float32|Float64|CGFloat|TimeInterval)\b|(?:^|[^\w.$])[0-9][0-9_]*\.[0-9]/)
            && !hasComment(file, (position - 1)...position, word: "float:")
    }

    static let forcing = onLines(
        "nothing is forced",
        remedy: "no `!`, `try!` or `as!`: bind with guard or if, throw, or explain in a precondition",
        signs: ["!"],
        where: inHouse
    ) { file, position in
        file.code[position].contains(/\btry!|\bas!|[\w)\]}>"]!(?:$|[\s.,;:)\]\[(?}])/)
    }

    static let markers = onLines(
        "nothing is left for later", remedy: "do it now, or open an issue and delete the marker",
        signs: ["TODO", "FIXME", "XXX", "HACK"]
    ) { file, position in
        file.comments[position].contains(/\b(?:TODO|FIXME|XXX|HACK)\b/)
    }

    static let printing = onLines(
        "libraries do not print", remedy: "return the value, or take a Logger: only the programs print",
        signs: ["rint(", "dump(", "NSLog("],
        where: { $0.target.map { !HouseTable.programs.contains($0) } ?? false }
    ) { file, position in
        file.code[position].contains(/(?:^|[^.\w])(?:print|debugPrint|dump|NSLog)\(/)
    }

    static let reasons = onLines(
        "what the compiler cannot check has its reason beside it",
        remedy: "say in a comment within three lines why this is safe, e.g. who owns the queue",
        signs: ["unchecked", "nonisolated"]
    ) { file, position in
        file.code[position].contains(/@unchecked\s+Sendable|\bnonisolated\s*\(\s*unsafe\s*\)/)
            && !hasComment(file, (position - 3)...(position + 3))
    }

    static let linesMax = 450
    static let fileLength = HouseRule(name: "files stay readable") { file in
        guard file.lines.count > linesMax else { return [] }
        return [
            Finding(
                path: file.path, line: file.lines.count,
                remedy: "\(file.lines.count) lines, \(linesMax) at the most: look for the seam and split it")
        ]
    }

    static let columnsMax = 120
    static let lineLength = onLines(
        "lines stay readable", remedy: "more than \(columnsMax) columns: wrap the line", signs: []
    ) { file, position in
        file.lines[position].utf8.count > columnsMax && file.lines[position].count > columnsMax
    }

    static let machinePaths = onLines(
        "the code knows no machine", remedy: "no path of one machine in the sources: take it from the configuration",
        signs: ["work", "root", "tmp", "home"].map { "/\($0)/" },
        where: inHouse
    ) { file, position in
        file.lines[position].contains(/(?:^|[^\w.\/-])\/(?:work|root|tmp|home)\//)
    }

    static let database = onLines(
        "only the Store knows the database", remedy: "only Store imports GRDB or calls SQLite: add a query there",
        signs: ["GRDB", "sqlite3_"],
        where: { $0.target.map { $0 != "Store" } ?? false }
    ) { file, position in
        file.code[position].contains(/\bimport\s+GRDB|\bsqlite3_\w+\(/)
    }

    /// Another database can stand behind the same names only if nobody outside has seen this one's.
    static let seam = onLines(
        "the Store's seam has no SQL in it",
        remedy: "what the house may ask of the Store says nothing of tables: make it internal, or return values",
        signs: ["package "], where: { $0.target == "Store" }
    ) { file, position in
        file.code[position].contains(
            /^\s*package\b.*\b(?:Database\w*|HotStatement|Row|SQL\w*|Statement|DatabasePool|sql)\b/)
    }

    static let conformance = onLines(
        "the conformance suite knows only the seam", remedy: "ask through the Store's use cases, as the house does",
        signs: ["@testable"], where: { $0.path.hasPrefix("Tests/StoreConformanceTests/") }
    ) { file, position in file.code[position].contains(/@testable\s+import/) }
}

/// The imports of a file, with the line of each.
enum ImportLine {
    static func all(in file: SourceFile) -> [(line: Int, module: String)] {
        file.code.enumerated().compactMap { position, code in
            guard code.contains("import") else { return nil }
            let pattern =
                #/
                ^\s* (?:@\w+(?:\([^)]*\))?\s+)* (?:(?:package|public|internal|fileprivate|private)\s+)?
                import\s+ (?:(?:typealias|struct|class|enum|protocol|let|var|func)\s+)? (?<module>\w+)
                /#
            guard let match = try? pattern.firstMatch(in: code) else { return nil }
            return (position + 1, String(match.module))
        }
    }
}
