import Metering
import Testing

@Suite("CSV")
struct CSVTests {
    private func read(_ text: String) throws -> [[String]] { try CSV.records(in: Array(text.utf8)).map(\.fields) }

    @Test(
        "reads RFC 4180 text",
        arguments: [
            ("", []),
            ("a", [["a"]]),
            ("a,b,c\n", [["a", "b", "c"]]),
            ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a,b\r\nc,d\n", [["a", "b"], ["c", "d"]]),
            // Empty fields, also the last one of the file.
            (",", [["", ""]]),
            ("a,", [["a", ""]]),
            ("a,,c\n,,\n", [["a", "", "c"], ["", "", ""]]),
            // Quotes: commas, doubled quotes and line ends inside; empty; only some fields.
            ("\"a,b\",c\n", [["a,b", "c"]]),
            ("\"he said \"\"no\"\"\",2\n", [["he said \"no\"", "2"]]),
            ("\"\"\"\"\n", [["\""]]),
            ("\"\",\"\"\n", [["", ""]]),
            ("\"one\ntwo\",x\n", [["one\ntwo", "x"]]),
            ("\"one\r\ntwo\",x\r\n", [["one\r\ntwo", "x"]]),
            ("\"a\"\r\n\"b\"", [["a"], ["b"]]),
            ("\"a\"\r", [["a"]]),
            // Blanks belong to the field; a carriage return alone does too.
            (" a , b \n", [[" a ", " b "]]),
            ("a\rb,c\n", [["a\rb", "c"]]),
            ("a\r\r\nb\n", [["a\r"], ["b"]]),
            // A quoted nothing is a record.
            ("a\n\"\"\nb\n", [["a"], [""], ["b"]]),
            // Empty lines are passed over, wherever they stand.
            ("\n\r\na\n\n\nb\n\n", [["a"], ["b"]]),
            // A byte order mark at the start is no text; anywhere else it is.
            ("\u{FEFF}a,b\n", [["a", "b"]]),
            ("\u{FEFF}", []),
            ("a,\u{FEFF}b\n", [["a", "\u{FEFF}b"]]),
            ("Nguyễn Thị Bưởi,Đồng Hới\n", [["Nguyễn Thị Bưởi", "Đồng Hới"]]),
        ] as [(String, [[String]])])
    func reads(text: String, records: [[String]]) throws {
        #expect(try read(text) == records)
    }

    @Test(
        "refuses a quote out of place and says on which line",
        arguments: [
            ("a\"b\n", .strayQuote(line: 1)),
            ("a,b\nc, \"d\"\n", .strayQuote(line: 2)),
            ("\"a\"b\n", .strayQuote(line: 1)),
            ("\"a\" ,b\n", .strayQuote(line: 1)),
            ("x\n\"a\nb\"c\n", .strayQuote(line: 3)),
            ("\"", .unterminatedQuote(line: 1)),
            ("a,\"b\n", .unterminatedQuote(line: 1)),
            ("a\n\nb,\"c\nd\ne\n", .unterminatedQuote(line: 3)),
            ("\"a\"\"", .unterminatedQuote(line: 1)),
            // A lone carriage return ends nothing.
            ("\"a\"\rb\nc\n", .strayQuote(line: 1)),
        ] as [(String, CSV.Violation)])
    func refuses(text: String, violation: CSV.Violation) {
        #expect(throws: violation) { try CSV.records(in: Array(text.utf8)) }
    }

    @Test(
        "refuses bytes that are not UTF-8 and says on which line",
        arguments: [
            // Windows-1258, a letter cut in two, a surrogate, an overlong slash.
            ([0x4E, 0x67, 0xF5, 0x2C, 0x31, 0x0A], 1), ([0x61, 0x0A, 0xE1, 0xBB, 0x2C, 0x31], 2),
            ([0x0A, 0x0A, 0x22, 0xED, 0xA0, 0x80, 0x22], 3), ([0xC0, 0xAF], 1),
        ] as [([UInt8], Int)])
    func notUTF8(bytes: [UInt8], line: Int) {
        #expect(throws: CSV.Violation.notUTF8(line: line)) { try CSV.records(in: bytes) }
    }

    @Test("numbers a record by the line on which it begins")
    func lineNumbers() throws {
        let text = "\u{FEFF}head\r\n\r\n\"one\ntwo\nthree\",x\nfour\n\n\"five\r\nsix\"\nseven"
        #expect(try CSV.records(in: Array(text.utf8)).map(\.line) == [1, 3, 6, 8, 10])
    }

    @Test("stops where its reader stops")
    func readerStops() {
        struct Enough: Error {}
        var seen = 0
        #expect(throws: Enough.self) {
            try CSV.forEachRecord(in: Array("a\nb\nc\"\n".utf8)) { _ in
                seen += 1
                if seen == 2 { throw Enough() }
            }
        }
        #expect(seen == 2)
    }

    @Test(
        "writes quotes only where they are needed",
        arguments: [
            (["a", "b"], "a,b\n"),
            (["", ""], ",\n"),
            ([" a "], " a \n"),
            (["a,b", "c"], "\"a,b\",c\n"),
            (["\"", "x"], "\"\"\"\",x\n"),
            // The mark makes quote and accent one character.
            (["a\"\u{301}b", "c"], "\"a\"\"\u{301}b\",c\n"),
            ([""], "\"\"\n"),
            (["a\nb", "a\rb", "a\r\nb"], "\"a\nb\",\"a\rb\",\"a\r\nb\"\n"),
        ] as [([String], String)])
    func writes(fields: [String], line: String) {
        #expect(CSV.line(fields) == line)
    }

    /// Pieces that stress a reader, to be put together at random.
    private static let pieces = [
        "a", "9", " ", ",", "\"", "\n", "\r\n", "\r", "\"\"", "ễ", "e\u{302}\u{303}", "\u{301}",
        "👩‍🌾", "\u{FEFF}", "\t", ";", "\0",
    ]

    @Test("reads back what it wrote, with the right line numbers", arguments: [11, 12, 13, 14] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var text = ""
            var written: [(line: Int, fields: [String])] = []
            var line = 1
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let fields = (0..<Int.random(in: 1...5, using: &random)).map { position in
                    let count = Int.random(in: 0...6, using: &random)
                    let field = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
                    // At the very start of the file it would be a byte order mark.
                    return written.isEmpty && position == 0 ? "x" + field : field
                }
                let row = CSV.line(fields)
                text += row
                written.append((line, fields))
                line += row.utf8.count(where: { $0 == UInt8(ascii: "\n") })
            }
            let read = try CSV.records(in: Array(text.utf8))
            #expect(read.map(\.line) == written.map(\.line), "\(text.debugDescription)")
            // As bytes: two spellings of one letter are equal strings, yet not the same file.
            #expect(
                read.map { $0.fields.map { Array($0.utf8) } } == written.map { $0.fields.map { Array($0.utf8) } },
                "\(text.debugDescription)")
        }
    }
}
