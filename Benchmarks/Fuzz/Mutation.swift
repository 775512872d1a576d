import Metering

/// Small damages, as lines, memories and pens make them. Everything is drawn from one generator: the same seed gives
/// the same inputs on every machine.
struct Mutation {
    private var random: SeededRandom

    init(seed: UInt64, iteration: UInt64) { random = SeededRandom(seed: SeededRandom.mixed(seed) ^ iteration) }

    mutating func number(below end: Int) -> Int { Int(random.next() % UInt64(max(1, end))) }

    mutating func happens(oneIn count: Int) -> Bool { number(below: count) == 0 }

    mutating func one<Element>(of some: [Element]) -> Element { some[number(below: some.count)] }

    /// `bytes` with up to eight damages.
    mutating func damaged(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<number(below: 9) {
            let position = number(below: bytes.count + 1)
            switch number(below: 9) {
            case 0 where position < bytes.count: bytes[position] ^= 1 << UInt8(number(below: 8))
            case 1 where position < bytes.count: bytes[position] = UInt8(number(below: 256))
            case 2 where position < bytes.count: bytes[position] = one(of: [0, 1, 0x7F, 0x80, 0xFE, 0xFF])
            case 3: bytes.insert(UInt8(number(below: 256)), at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + 1 + number(below: 4)))
            case 5: bytes.removeLast(min(bytes.count, number(below: 8)))
            case 6: bytes.insert(contentsOf: bytes.suffix(number(below: 12)), at: position)
            case 7: bytes.insert(contentsOf: other.prefix(number(below: 20)), at: position)
            case 8 where bytes.count >= 7: bytes[5] = UInt8(truncatingIfNeeded: bytes.count - 6)
            default: break
            }
        }
        return bytes
    }

    /// `bytes` in pieces of 1 to 16.
    mutating func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        var (pieces, rest): ([[UInt8]], ArraySlice<UInt8>) = ([], bytes[...])
        while !rest.isEmpty {
            let size = 1 + number(below: 16)
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }

    /// Words that mean something in some encoding, and words that mean nothing.
    mutating func words(_ count: Int) -> [UInt16] {
        let marks: [UInt16] = [
            0, 1, 9, 0x0019, 0x1905, 0x0A00, 0x270F, 0x2710, 0x3132, 0x4248, 0x4340, 0x4B7F, 0x4B80, 0x5E84, 0x7F7F,
            0x7F80, 0x7FC0, 0x7FEF, 0x7FF0, 0x7FFF, 0x8000, 0x8001, 0x9999, 0xC248, 0xFF80, 0xFFEF, 0xFFF0, 0xFFFF,
        ]
        let isOneMark = happens(oneIn: 8)
        let mark = one(of: marks)
        return (0..<count).map { _ in
            isOneMark ? mark : happens(oneIn: 2) ? one(of: marks) : UInt16(truncatingIfNeeded: random.next())
        }
    }

    private static let tokens: [String] = [
        "0", "1", "-1", "65535", "65536", "0x10000", "9223372036854775807", "18446744073709551616", "1e9", "0.1", ".",
        "0x", "~", "null", "true", "[]", "{}", "[", "]", "{", "}", ":", ": ", ",", "- ", "&a ", "*a", "!!int ", "|",
        "\"",
        "'", "#", "\n", "\n  ", "\t", "\u{0}", "ones", "none", "0x7FFF????", "u16", "i64", "f32", "f64", "ascii",
        "mod10",
        "bcd", "hex", "words: 4", "words: 32", "sum: [0, 1]", "sum: [0x100, 0x102]", "address: 65535", "offset: 123",
        "import", "export", "import_t1", "reactive_export", "scale: 1 Wh", "scale: 0.000001 MWh", "scale: 1 varh",
        "resolution: 1000 kWh", "stride: 1", "days: 65535", "slots: 65535", "file: 65535", "function: 4",
        "function: 20",
        "max_words: 1", "even_addresses: true", "order: little", "order: big-swapped", "side: primary",
        "optional: true", "type: unix-utc", "zone: local", "mirror: 65000", "stamp: byte-words", "expected: 1",
    ]

    /// A profile's text with slips of the pen: characters, tokens, lines and indentation.
    mutating func slipped(_ text: [UInt8]) -> [UInt8] {
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        for _ in 0..<1 + number(below: 5) {
            let position = number(below: lines.count)
            switch number(below: 8) {
            case 0 where lines.count > 1: lines.remove(at: position)
            case 1: lines.insert(one(of: lines), at: position)
            case 2: lines.swapAt(position, number(below: lines.count))
            case 3: lines[position].insert(contentsOf: Array("  ".utf8), at: 0)
            case 4 where lines[position].first == UInt8(ascii: " "): lines[position].removeFirst()
            case 5: lines[position] = damaged(lines[position], with: one(of: lines))
            default: replaceToken(in: &lines[position])
            }
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// Puts another token in the place of a word or number of the line.
    private mutating func replaceToken(in line: inout [UInt8]) {
        let start = number(below: line.count + 1)
        let isWord = { (byte: UInt8) in
            byte == UInt8(ascii: "_") || byte > 0x2D && byte < 0x3A || byte > 0x40 && byte < 0x5B
                || byte > 0x60 && byte < 0x7B
        }
        let end = start + line[start...].prefix(while: isWord).count
        line.replaceSubrange(start..<end, with: Array(one(of: Self.tokens).utf8))
    }
}
