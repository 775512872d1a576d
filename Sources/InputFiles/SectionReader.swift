import Metering
import Yams

/// One mapping of a file that people write, with the line each key stands on.
package struct InputSection {
    /// Path of the mapping: `values.import`; empty at the top.
    package let path: String
    /// Line of the key that opens it.
    package let line: Int
    package let entries: [(key: String, line: Int, node: Node)]

    package func entry(_ key: String) -> (key: String, line: Int, node: Node)? { entries.first { $0.key == key } }
    package func field(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// Reads a YAML file (profiles, rules) and remembers everything that is wrong with it. A reader that meets a fault
/// notes it and answers `nil`; nothing is given up before the whole file was seen.
package struct SectionReader {
    package let file: String
    package private(set) var faults: [InputFault] = []

    package init(file: String) { self.file = file }

    package mutating func note(_ remedy: String, line: Int, field: String, value: String = "") {
        faults.append(InputFault(file: file, line: line, field: field, value: value, remedy: remedy))
    }

    package mutating func note(_ remedy: String, in section: InputSection, at key: String, value: String = "") {
        note(remedy, line: section.entry(key)?.line ?? section.line, field: section.field(key), value: value)
    }

    /// The file's top mapping; `nil` where the text is no YAML or no mapping.
    /// - Parameter empty: what a file without content lacks, as one sentence without a full stop.
    package mutating func root(_ yaml: String, keys: [String]?, empty: String) -> InputSection? {
        do {
            guard let node = try Yams.compose(yaml: yaml) else {
                note(empty, line: 0, field: "")
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
    package mutating func section(_ node: Node, path: String, line: Int, keys: [String]?) -> InputSection? {
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
        return InputSection(path: path, line: line, entries: entries)
    }

    /// A mapping below `section`; `nil` where the key is missing.
    package mutating func subsection(_ key: String, of section: InputSection, keys: [String]?) -> InputSection? {
        guard let entry = section.entry(key) else { return nil }
        return self.section(entry.node, path: section.field(key), line: entry.line, keys: keys)
    }

    /// A scalar that `parse` understands. A missing key gives `fallback`; without one it is a fault.
    package mutating func scalar<Value>(
        _ key: String, of section: InputSection, fallback: Value? = nil, remedy: String, parse: (String) -> Value?
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
    package mutating func text(_ key: String, of section: InputSection, remedy: String) -> String? {
        scalar(key, of: section, remedy: remedy) { text in
            let words = text.split(whereSeparator: \.isWhitespace)
            return words.isEmpty ? nil : words.joined(separator: " ")
        }
    }

    /// A whole number within `bounds`, decimal or with `0x`.
    package mutating func number(
        _ key: String, of section: InputSection, fallback: Int? = nil, in bounds: ClosedRange<Int>
    ) -> Int? {
        let remedy = "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        return scalar(key, of: section, fallback: fallback, remedy: remedy) { text in
            InputSection.number(text).flatMap { bounds.contains($0) ? $0 : nil }
        }
    }

    package mutating func flag(_ key: String, of section: InputSection) -> Bool? {
        scalar(key, of: section, fallback: false, remedy: "must be true or false") { Bool($0) }
    }

    /// One of a closed set of words.
    package mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, of section: InputSection, fallback: Word? = nil
    ) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return scalar(key, of: section, fallback: fallback, remedy: "must be one of \(words)") { Word(rawValue: $0) }
    }

    /// A scalar or a list of scalars; `nil` where the key is missing or something else stands there.
    package mutating func list(_ key: String, of section: InputSection, remedy: String) -> [String]? {
        guard let entry = section.entry(key) else { return nil }
        if let text = entry.node.scalar?.string { return [text] }
        if let items = entry.node.sequence?.map({ $0.scalar?.string }), !items.isEmpty, !items.contains(nil) {
            return items.compactMap { $0 }
        }
        note(remedy, in: section, at: key)
        return nil
    }
}

extension InputSection {
    /// Small letters, digits and hyphens, none of those first; 40 at the most.
    package static func isName(_ text: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return (1...40).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// Digits, or hexadecimal digits behind `0x`; no sign.
    package static func number(_ text: String) -> Int? {
        let isHex = text.hasPrefix("0x")
        let digits = isHex ? text.dropFirst(2) : text[...]
        guard let first = digits.first, first.isHexDigit else { return nil }
        return Int(digits, radix: isHex ? 16 : 10)
    }
}

extension SectionReader {
    /// The mappings of a list, each with its place in the path (`rules[2]`); a fault for whatever is none.
    package mutating func sections(_ key: String, of section: InputSection, keys: [String]?) -> [InputSection] {
        guard let entry = section.entry(key) else { return [] }
        guard let items = entry.node.sequence else {
            note("must be a list", in: section, at: key, value: entry.node.scalar?.string ?? "")
            return []
        }
        return items.enumerated().compactMap { place, node in
            self.section(
                node, path: "\(section.field(key))[\(place + 1)]", line: node.mark?.line ?? entry.line, keys: keys)
        }
    }

    /// A decimal with so many decimals at the most, kept as a whole number of its last: `1.5` with three is 1500.
    package mutating func decimal(
        _ key: String, of section: InputSection, decimals: Int, in bounds: ClosedRange<Int64>, remedy: String
    ) -> Int64? {
        scalar(key, of: section, remedy: remedy) { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let fraction = parts.count == 2 ? parts[1] : ""
            guard (1...2).contains(parts.count), parts.count == 1 || (1...decimals).contains(fraction.utf8.count),
                parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let number = Int64(parts[0] + fraction + String(repeating: "0", count: decimals - fraction.utf8.count))
            else { return nil }
            return bounds.contains(number) ? number : nil
        }
    }
}
