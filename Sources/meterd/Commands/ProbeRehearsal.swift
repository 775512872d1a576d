import HeadEnd
import Metering
import Modbus
import Web

/// How many values could be true at each place in each order.
struct RehearsalTally {
    /// Values that something speaks for or against somewhere.
    let judged: Int
    /// Plausible values by shift and order.
    private let counts: [Int: [WordOrder: Int]]
    /// Plausible values at their own address in their own order.
    let asWritten: Int

    init(_ rehearsals: [LibmodbusProbe.Rehearsal]) {
        var (judged, asWritten) = (0, 0)
        var counts: [Int: [WordOrder: Int]] = [:]
        for rehearsal in rehearsals {
            var isJudged = false
            for attempt in rehearsal.attempts {
                guard case .success(let found) = attempt.reply.result else { continue }
                for guess in found.guesses {
                    isJudged = isJudged || guess.isPlausible != nil
                    guard guess.isPlausible == true else { continue }
                    counts[attempt.shift, default: [:]][guess.order, default: 0] += 1
                    let own = rehearsal.value.encoding
                    let isOwn =
                        guess.order == own.order
                        || own.wordCount == 1 && guess.order.isLowByteFirst == own.order.isLowByteFirst
                    if attempt.shift == 0, isOwn { asWritten += 1 }
                }
            }
            judged += isJudged ? 1 : 0
        }
        self.judged = judged
        self.asWritten = asWritten
        self.counts = counts
    }

    func count(shift: Int, order: WordOrder) -> Int { counts[shift]?[order] ?? 0 }
}

/// A rehearsal for a terminal of 120 columns.
struct RehearsalText {
    let heading: ProbeHeading
    let rehearsals: [LibmodbusProbe.Rehearsal]
    let tally: RehearsalTally
    let digits: Int

    private static let nameWidth = 17
    private static let placeWidth = 11
    private static let cellWidth = 17
    /// Words that fit behind the cells.
    private static let wordsMax = 4

    var text: String {
        let columns = WordOrder.allCases.map { $0.letters.padding(to: Self.cellWidth) }.joined()
        var lines = [heading.line, ""]
        lines.append(
            "value".padding(to: Self.nameWidth) + "address".padding(to: Self.placeWidth) + columns + "words")
        for rehearsal in rehearsals { lines += self.lines(rehearsal) }
        return (lines + summary).joined(separator: "\n") + "\n"
    }

    private func lines(_ rehearsal: LibmodbusProbe.Rehearsal) -> [String] {
        let value = rehearsal.value
        let parts = value.parts > 1 ? " x \(value.parts)" : ""
        let labels = [
            value.name, " \(value.encoding.type.rawValue)\(parts)\(value.unit.map { ", \($0)" } ?? "")",
            " written \(value.encoding.order.letters)",
        ]
        var lines: [String] = []
        for (position, attempt) in rehearsal.attempts.enumerated() {
            lines += ProbeWords.frameLines(attempt.reply.frames)
            let label = position < labels.count ? labels[position] : ""
            let shift = attempt.shift == 0 ? "" : attempt.shift > 0 ? " +\(attempt.shift)" : " \(attempt.shift)"
            let start =
                label.padding(to: Self.nameWidth)
                + "0x\(attempt.reply.range.address.hex)\(shift)".padding(to: Self.placeWidth)
            switch attempt.reply.result {
            case .failure(let failure): lines.append(start + "not read: \(failure)")
            case .success(let found):
                let cells = WordOrder.allCases.map { order in
                    cell(found.guesses.first { $0.order == order }).padding(to: Self.cellWidth)
                }.joined()
                let words = ProbeWords.hex(found.words)
                if found.words.count <= Self.wordsMax {
                    lines.append(start + cells + words)
                } else {
                    lines.append(start + String(cells.reversed().drop { $0 == " " }.reversed()))
                    lines.append(String(repeating: " ", count: Self.nameWidth + Self.placeWidth) + words)
                }
            }
        }
        // An address at the edge of its space has fewer neighbours than the line has labels.
        return lines + labels.dropFirst(rehearsal.attempts.count)
    }

    /// A guess in 14 characters and a mark; nothing where a single word has no such order.
    private func cell(_ guess: MapRehearsal.Guess?) -> String {
        guard let guess else { return "" }
        guard let shown = guess.shown else { return "-" }
        return Self.shortened(shown) + (guess.isPlausible == true ? " *" : "")
    }

    private static func shortened(_ text: String) -> String {
        guard text.count > 14 else { return text }
        let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
        guard digits.allSatisfy(\.isNumber) else { return text.prefix(13) + "…" }
        return "\(text.first == "-" ? "-" : "")\(digits.prefix(2))e\(digits.count - 2)"
    }

    private var summary: [String] {
        let nominal = heading.profile.nominalVolts
        var lines = [
            "",
            "plausible of \(tally.judged)".padding(to: Self.nameWidth + Self.placeWidth)
                + WordOrder.allCases.map { $0.letters.padding(to: Self.cellWidth) }.joined(),
        ]
        for shift in MapRehearsal.shifts {
            let name = shift == 0 ? "address as written" : "address \(shift > 0 ? "+" : "")\(shift)"
            let counts = WordOrder.allCases.map { order in
                String(tally.count(shift: shift, order: order)).padding(to: Self.cellWidth)
            }.joined()
            lines.append(name.padding(to: Self.nameWidth + Self.placeWidth) + counts)
        }
        lines += [
            "", "As the profile says it: \(tally.asWritten) of \(tally.judged).",
            "* could be true: 45 to 65 Hz, \(nominal * 60 / 100) to \(nominal * 130 / 100) V, a dial above 0 and below "
                + "10^\(digits) kWh (--digits), printable text.",
            "  It need not be: compare with the display.",
        ]
        return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    }
}

/// The same as a JSON document.
struct RehearsalDocument {
    let heading: ProbeHeading
    let rehearsals: [LibmodbusProbe.Rehearsal]
    let tally: RehearsalTally

    func json(frames: Bool) -> JSONValue {
        let places = MapRehearsal.shifts.flatMap { shift in
            WordOrder.allCases.map { order in
                JSONValue.members([
                    "shift": .integer(shift), "order": .string(order.letters),
                    "plausible": .integer(tally.count(shift: shift, order: order)),
                ])
            }
        }
        let json = heading.json.appending([
            "rehearsal": .array(rehearsals.flatMap(attempts)), "judged": .integer(tally.judged),
            "as_written": .integer(tally.asWritten), "plausible": .array(places),
        ])
        guard frames else { return json }
        let passed = rehearsals.flatMap(\.attempts).map { ProbeWords.frames($0.reply.frames, at: $0.reply.range) }
        return json.appending(["frames": .array(passed)])
    }

    private func attempts(_ rehearsal: LibmodbusProbe.Rehearsal) -> [JSONValue] {
        rehearsal.attempts.map { attempt in
            let json = JSONValue.members([
                "name": .string(rehearsal.value.name), "unit": .optional(rehearsal.value.unit) { .string($0) },
                "order": .string(rehearsal.value.encoding.order.letters), "shift": .integer(attempt.shift),
                "at": .string(attempt.reply.range.place),
            ])
            switch attempt.reply.result {
            case .failure(let failure): return json.appending(["failure": .string(failure.description)])
            case .success(let found):
                let guesses = found.guesses.map { guess in
                    JSONValue.members([
                        "order": .string(guess.order.letters), "value": .optional(guess.shown) { .string($0) },
                        "plausible": .optional(guess.isPlausible) { .bool($0) },
                    ])
                }
                return json.appending(["words": .string(ProbeWords.hex(found.words)), "guesses": .array(guesses)])
            }
        }
    }
}
