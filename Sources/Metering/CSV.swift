/// RFC 4180 text: commas, optional double quotes, CRLF or LF. One pass over the bytes, no look-ahead beyond one.
package enum CSV {
    /// A record and the line its first byte stands on (1-based).
    package struct Record: Hashable, Sendable {
        package let line: Int
        package let fields: [String]
    }

    package enum Violation: Error, Hashable, Sendable {
        /// A quoted field does not end; `line` is where it began.
        case unterminatedQuote(line: Int)
        /// Text follows a closing quote, or a quote stands inside an unquoted field.
        case strayQuote(line: Int)
    }

    /// Calls `body` with each record. A byte order mark and empty lines are passed over.
    package static func forEachRecord(
        in bytes: [UInt8], _ body: (Record) throws -> Void
    ) throws {
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line = 1
        while position < bytes.count {
            let startLine = line
            var fields: [String] = []
            while true {
                fields.append(try field(in: bytes, at: &position, line: &line))
                guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
                position += 1
            }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\r") { position += 1 }
            if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
            line += 1
            if fields != [""] { try body(Record(line: startLine, fields: fields)) }
        }
    }

    package static func records(in bytes: [UInt8]) throws -> [Record] {
        var all: [Record] = []
        try forEachRecord(in: bytes) { all.append($0) }
        return all
    }

    private static func field(in bytes: [UInt8], at position: inout Int, line: inout Int) throws -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: ","), UInt8(ascii: "\n"): break
                case UInt8(ascii: "\r") where position + 1 == bytes.count || bytes[position + 1] == UInt8(ascii: "\n"):
                    break
                case UInt8(ascii: "\""): throw Violation.strayQuote(line: line)
                default:
                    position += 1
                    continue
                }
                break
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        let startLine = line
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    guard position == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[position]) else {
                        throw Violation.strayQuote(line: line)
                    }
                    return String(decoding: text, as: UTF8.self)
                }
                position += 1
            } else if byte == UInt8(ascii: "\n") {
                line += 1
            }
            text.append(byte)
        }
        throw Violation.unterminatedQuote(line: startLine)
    }

    /// One line of fields with its LF, quoted where RFC 4180 asks for it.
    package static func line(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",") + "\n"
    }

    private static func quoted(_ field: String) -> String {
        let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard needsQuotes else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
