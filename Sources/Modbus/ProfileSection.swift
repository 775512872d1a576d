import Metering
import Yams

/// One mapping of a profile file, with the line each key stands on.
struct ProfileSection {
    /// Path of the mapping: `values.import`; empty at the top.
    let path: String
    /// Line of the key that opens it.
    let line: Int
    let entries: [(key: String, line: Int, node: Node)]

    func entry(_ key: String) -> (key: String, line: Int, node: Node)? { entries.first { $0.key == key } }
    func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// Reads a profile file and remembers everything that is wrong with it. A reader that meets a fault notes it and
/// answers `nil`; nothing is given up before the whole file was seen.
struct ProfileReader {
    let file: String
    private(set) var faults: [InputFault] = []

    init(file: String) { self.file = file }

    mutating func note(_ remedy: String, line: Int, field: String, value: String = "") {
        faults.append(InputFault(file: file, line: line, field: field, value: value, remedy: remedy))
    }

    mutating func note(_ remedy: String, in section: ProfileSection, at key: String, value: String = "") {
        note(remedy, line: section.entry(key)?.line ?? section.line, field: section.field(key), value: value)
    }

    /// The file's top mapping; `nil` where the text is no YAML or no mapping.
    mutating func root(_ yaml: String, keys: [String]) -> ProfileSection? {
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                note("the file is empty; a profile starts with \"profile: NAME\"", line: 0, field: "")
                return nil
            }
            return section(node, path: "", line: node.mark?.line ?? 1, keys: keys)
        } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _)
        {
            note("this is no YAML: \(problem)", line: mark.line, field: "")
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            note(
                "stands twice in one mapping; each key may stand once", line: context.mark.line, field: "",
                value: keys.joined(separator: ", "))
        } catch {
            note("this is no YAML: \(error)", line: 0, field: "")
        }
        return nil
    }

    /// `node` as a mapping. `keys` lists those it may have; `nil` leaves them open.
    mutating func section(_ node: Node, path: String, line: Int, keys: [String]?) -> ProfileSection? {
        guard let mapping = node.mapping else {
            note("must be a mapping of keys to values", line: line, field: path, value: node.string ?? "")
            return nil
        }
        var entries: [(key: String, line: Int, node: Node)] = []
        for (key, value) in mapping {
            let keyLine = key.mark?.line ?? line
            guard let name = key.string else {
                note("a key must be plain text", line: keyLine, field: path)
                continue
            }
            if let keys, !keys.contains(name) {
                note(
                    "unknown key; known here: \(keys.joined(separator: ", "))", line: keyLine,
                    field: path.isEmpty ? name : "\(path).\(name)")
                continue
            }
            entries.append((name, keyLine, value))
        }
        return ProfileSection(path: path, line: line, entries: entries)
    }

    /// A mapping below `section`; `nil` where the key is missing.
    mutating func subsection(_ key: String, of section: ProfileSection, keys: [String]?) -> ProfileSection? {
        guard let entry = section.entry(key) else { return nil }
        return self.section(entry.node, path: section.field(key), line: entry.line, keys: keys)
    }

    /// A scalar that `parse` understands. A missing key gives `fallback`; without one it is a fault.
    mutating func scalar<Value>(
        _ key: String, of section: ProfileSection, fallback: Value? = nil, remedy: String, parse: (String) -> Value?
    ) -> Value? {
        guard let entry = section.entry(key) else {
            if fallback == nil { note("is missing; \(remedy)", in: section, at: key) }
            return fallback
        }
        guard let text = entry.node.scalar?.string, let value = parse(text) else {
            note(remedy, in: section, at: key, value: entry.node.scalar?.string ?? "")
            return nil
        }
        return value
    }

    /// Text that is not empty.
    mutating func text(_ key: String, of section: ProfileSection, remedy: String) -> String? {
        scalar(key, of: section, remedy: remedy) { text in
            let words = text.split(whereSeparator: \.isWhitespace)
            return words.isEmpty ? nil : words.joined(separator: " ")
        }
    }

    /// A whole number within `bounds`, decimal or with `0x`.
    mutating func number(
        _ key: String, of section: ProfileSection, fallback: Int? = nil, in bounds: ClosedRange<Int>
    ) -> Int? {
        let remedy = "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        return scalar(key, of: section, fallback: fallback, remedy: remedy) { text in
            ProfileSection.number(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }

    mutating func flag(_ key: String, of section: ProfileSection) -> Bool? {
        scalar(key, of: section, fallback: false, remedy: "must be true or false") { Bool($0) }
    }

    /// One of a closed set of words.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, of section: ProfileSection, fallback: Word? = nil
    ) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return scalar(key, of: section, fallback: fallback, remedy: "must be one of \(words)") { Word(rawValue: $0) }
    }

    mutating func function(_ section: ProfileSection, fallback: ReadFunction?) -> ReadFunction? {
        let remedy = "must be 3 (holding registers) or 4 (input registers), here or at the top of the file"
        return scalar("function", of: section, fallback: fallback, remedy: remedy) { text in
            UInt8(text).flatMap(ReadFunction.init(rawValue:)).flatMap { $0 == .fileRecord ? nil : $0 }
        }
    }

    /// A scalar or a list of scalars; `nil` where the key is missing or something else stands there.
    mutating func list(_ key: String, of section: ProfileSection, remedy: String) -> [String]? {
        guard let entry = section.entry(key) else { return nil }
        if let text = entry.node.scalar?.string { return [text] }
        if let items = entry.node.sequence?.map({ $0.scalar?.string }), !items.isEmpty, !items.contains(nil) {
            return items.compactMap { $0 }
        }
        note(remedy, in: section, at: key)
        return nil
    }
}

extension ProfileSection {
    /// Digits, or hexadecimal digits behind `0x`; no sign.
    static func number(_ text: String) -> Int? {
        let isHex = text.hasPrefix("0x")
        let digits = isHex ? text.dropFirst(2) : text[...]
        guard let first = digits.first, first.isHexDigit else { return nil }
        return Int(digits, radix: isHex ? 16 : 10)
    }
}
