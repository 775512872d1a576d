/// RFC 4180 text: commas, optional double quotes, CRLF or LF. One pass over the bytes, no look-ahead beyond one.
package enum CSV {
    /// A record and the line its first byte stands on (1-based).
    package struct Record: Hashable, Sendable {
        package let line: Int
        package let fields: [String]
        /// No field has a letter beyond ASCII: there is but one way to spell it.
        package let isASCII: Bool
    }

    package enum Violation: Error, Hashable, Sendable {
        /// A quoted field does not end; `line` is where it began.
        case unterminatedQuote(line: Int)
        /// Text follows a closing quote, or a quote stands inside an unquoted field.
        case strayQuote(line: Int)
        /// Bytes that are not UTF-8: another encoding would silently become broken names.
        case notUTF8(line: Int)
    }

    /// Calls `body` with each record. A byte order mark and empty lines are passed over.
    package static func forEachRecord(
        in bytes: [UInt8], _ body: (Record) throws -> Void
    ) throws {
        try bytes.withUnsafeBufferPointer { bytes in
            var reader = Reader(bytes)
            while let record = try reader.next() { try body(record) }
        }
    }

    package static func records(in bytes: [UInt8]) throws -> [Record] {
        var all: [Record] = []
        try forEachRecord(in: bytes) { all.append($0) }
        return all
    }

    /// Where a reader stands in the text.
    private struct Reader {
        private let bytes: UnsafeBufferPointer<UInt8>
        private var position: Int
        private var line = 1
        private var isASCII = true
        /// Of the record before: the next mostly has as many.
        private var width = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
            position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        }

        mutating func next() throws(Violation) -> Record? {
            while position < bytes.count {
                let (start, startLine) = (position, line)
                var fields: [String] = []
                fields.reserveCapacity(width)
                isASCII = true
                while true {
                    fields.append(try field())
                    guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
                    position += 1
                }
                let isEmptyLine = position == start
                if position < bytes.count, bytes[position] == UInt8(ascii: "\r") { position += 1 }
                if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
                line += 1
                width = fields.count
                if !isEmptyLine { return Record(line: startLine, fields: fields, isASCII: isASCII) }
            }
            return nil
        }

        private mutating func field() throws(Violation) -> String {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                let start = position
                while !endsField(position) {
                    guard bytes[position] != UInt8(ascii: "\"") else { throw .strayQuote(line: line) }
                    position += 1
                }
                return try text(of: UnsafeBufferPointer(rebasing: bytes[start..<position]), line: line)
            }
            let startLine = line
            var unquoted: [UInt8] = []
            position += 1
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "\"") {
                    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                        guard endsField(position) else { throw .strayQuote(line: line) }
                        return try unquoted.withUnsafeBufferPointer { text throws(Violation) in
                            try self.text(of: text, line: startLine)
                        }
                    }
                    position += 1
                } else if byte == UInt8(ascii: "\n") {
                    line += 1
                }
                unquoted.append(byte)
            }
            throw .unterminatedQuote(line: startLine)
        }

        /// Whether a comma, a line end or the end of the text stands at `position`; a lone CR is neither.
        private func endsField(_ position: Int) -> Bool {
            guard position < bytes.count else { return true }
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "\n"): return true
            case UInt8(ascii: "\r"): return position + 1 == bytes.count || bytes[position + 1] == UInt8(ascii: "\n")
            default: return false
            }
        }

        private mutating func text(of field: UnsafeBufferPointer<UInt8>, line: Int) throws(Violation) -> String {
            if field.allSatisfy({ $0 < 0x80 }) { return String(decoding: field, as: UTF8.self) }
            isASCII = false
            guard let text = String(validating: field, as: UTF8.self) else { throw .notUTF8(line: line) }
            return text
        }
    }

    /// One line of fields with its LF, quoted where RFC 4180 asks for it.
    package static func line(_ fields: [String]) -> String {
        // A record of one empty field would be an empty line, which is no record.
        if fields == [""] { return "\"\"\n" }
        return fields.map(quoted).joined(separator: ",") + "\n"
    }

    /// Looked at byte by byte: a quote that carries a combining mark is a character of its own.
    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return field }
        var bytes = [UInt8(ascii: "\"")]
        for byte in field.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension InputFault {
    /// A CSV file that cannot be read on from here.
    package init(file: String, _ violation: CSV.Violation) {
        let (line, remedy) =
            switch violation {
            case .unterminatedQuote(let line): (line, "a quoted field that begins here is never closed")
            case .strayQuote(let line):
                (line, "a quote stands inside a field; put the whole field in quotes and double those inside")
            case .notUTF8(let line): (line, "this line is not UTF-8; save the file as UTF-8")
            }
        self.init(file: file, line: line, field: "", value: "", remedy: remedy)
    }
}
