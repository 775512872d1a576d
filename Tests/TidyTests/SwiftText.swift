/// A Swift file's lines taken apart: code without comments and the insides of string literals, and the comments.
/// Both keep their line numbers. What stands in an interpolation counts as code.
struct SwiftText {
    private(set) var code: [String] = []
    private(set) var comments: [String] = []

    private enum Mode {
        case code
        /// Inside `\(…)`, with the number of parentheses open in it.
        case interpolation(open: Int)
        case string(hashes: Int, isMultiline: Bool)
        case lineComment
        case blockComment(depth: Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var modes: [Mode] = [.code]
    private var codeLine: [UInt8] = []
    private var commentLine: [UInt8] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") {
                endLine()
                continue
            }
            switch modes[modes.count - 1] {
            case .code: takeCode(open: nil)
            case .interpolation(let open): takeCode(open: open)
            case .string(let hashes, let isMultiline): takeString(hashes: hashes, isMultiline: isMultiline)
            case .lineComment:
                commentLine.append(bytes[position])
                position += 1
            case .blockComment(let depth): takeBlockComment(depth: depth)
            }
        }
        endLine()
    }

    private mutating func endLine() {
        code.append(String(decoding: codeLine, as: UTF8.self))
        comments.append(String(decoding: commentLine, as: UTF8.self))
        codeLine = []
        commentLine = []
        position += 1
        switch modes[modes.count - 1] {
        case .lineComment, .string(_, isMultiline: false): modes.removeLast()
        default: break
        }
    }

    /// Code, and code in an interpolation until its parenthesis closes.
    private mutating func takeCode(open: Int?) {
        switch bytes[position] {
        case UInt8(ascii: "/") where stands("//", at: position):
            modes.append(.lineComment)
            position += 2
            return
        case UInt8(ascii: "/") where stands("/*", at: position):
            modes.append(.blockComment(depth: 1))
            position += 2
            return
        case UInt8(ascii: "\""), UInt8(ascii: "#"):
            let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
            guard stands("\"", at: position + hashes) else { break }
            let isMultiline = stands("\"\"\"", at: position + hashes)
            modes.append(.string(hashes: hashes, isMultiline: isMultiline))
            codeLine.append(UInt8(ascii: "\""))
            position += hashes + (isMultiline ? 3 : 1)
            return
        case UInt8(ascii: "("):
            if let open { modes[modes.count - 1] = .interpolation(open: open + 1) }
        case UInt8(ascii: ")"):
            if let open { modes[modes.count - 1] = .interpolation(open: open - 1) }
            if open == 1 { modes.removeLast() }
        default: break
        }
        codeLine.append(bytes[position])
        position += 1
    }

    private mutating func takeString(hashes: Int, isMultiline: Bool) {
        let quotes = isMultiline ? 3 : 1
        switch bytes[position] {
        case UInt8(ascii: "\\") where areHashes(hashes, at: position + 1):
            position += 1 + hashes
            // A line's end may follow; it is counted by itself.
            guard position < bytes.count, bytes[position] != UInt8(ascii: "\n") else { return }
            if bytes[position] == UInt8(ascii: "(") {
                modes.append(.interpolation(open: 1))
                codeLine.append(UInt8(ascii: "("))
            }
            position += 1
        case UInt8(ascii: "\"")
        where stands(isMultiline ? "\"\"\"" : "\"", at: position) && areHashes(hashes, at: position + quotes):
            modes.removeLast()
            codeLine.append(UInt8(ascii: "\""))
            position += quotes + hashes
        default:
            position += 1
        }
    }

    private mutating func takeBlockComment(depth: Int) {
        if stands("*/", at: position) {
            modes.removeLast()
            if depth > 1 { modes.append(.blockComment(depth: depth - 1)) }
            position += 2
        } else if stands("/*", at: position) {
            modes[modes.count - 1] = .blockComment(depth: depth + 1)
            position += 2
        } else {
            commentLine.append(bytes[position])
            position += 1
        }
    }

    private func stands(_ word: StaticString, at start: Int) -> Bool {
        guard start + word.utf8CodeUnitCount <= bytes.count else { return false }
        return word.withUTF8Buffer { wanted in
            wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
        }
    }

    private func areHashes(_ count: Int, at start: Int) -> Bool {
        start + count <= bytes.count && bytes[start..<(start + count)].allSatisfy { $0 == UInt8(ascii: "#") }
    }
}
