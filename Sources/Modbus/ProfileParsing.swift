import InputFiles
import Metering

extension MeterProfile {
    private static let topKeys = [
        "profile", "version", "manufacturer", "model", "manual", "evidence", "function", "order", "absent", "max_words",
        "even_addresses", "ceiling_w", "nominal_v", "pause_ms", "rollover_wh", "values", "identity", "frozen",
        "daily_energy", "clock",
    ]

    /// Reads a profile file (docs/PROFILES.md). `file` names it in messages.
    /// - Throws: `InputFaults` with every fault of the file.
    package init(yaml: String, file: String) throws {
        var reader = SectionReader(file: file)
        guard
            let top = reader.root(
                yaml, keys: Self.topKeys, empty: "the file is empty; a profile starts with \"profile: NAME\"")
        else { throw InputFaults(reader.faults) }

        let name = reader.scalar(
            "profile", of: top, remedy: "must be the profile's name: small letters, digits and hyphens",
            parse: { InputSection.isName($0) ? $0 : nil })
        let version = reader.number("version", of: top, in: 1...65_535)
        let manufacturer = reader.text("manufacturer", of: top, remedy: "must name the maker")
        let model = reader.text("model", of: top, remedy: "must name the model as printed on the meter")
        let manual = reader.text("manual", of: top, remedy: "must name the document the table was checked against")
        let evidence = reader.text("evidence", of: top, remedy: "must say how sure the table is and what is unverified")
        let maxWords = reader.number("max_words", of: top, fallback: Int(WordRange.countMax), in: 1...125)
        let evenAddresses = reader.flag("even_addresses", of: top)
        let ceiling = reader.number(
            "ceiling_w", of: top, fallback: Int(Self.ceilingWattsDefault), in: 1...1_000_000_000)
        let nominal = reader.number(
            "nominal_v", of: top, fallback: Int(Self.nominalVoltsDefault), in: 1...1_000_000)
        let pause = reader.number("pause_ms", of: top, fallback: 0, in: 0...60_000)
        let rollover: Int64?? = reader.scalar(
            "rollover_wh", of: top, fallback: .some(nil),
            remedy: "must be unknown or the whole watt-hours at which the dial starts again",
            parse: { text in
                if text == "unknown" { return .some(nil) }
                return InputSection.number(text).flatMap { $0 > 0 ? .some(Int64($0)) : nil }
            })
        let parser = ProfileValueParser(
            function: top.entry("function") == nil ? nil : reader.function(top, fallback: nil),
            order: reader.word("order", of: top, fallback: WordOrder.big) ?? .big,
            absent: reader.list("absent", of: top, remedy: ProfileValueParser.absentRemedy) ?? [],
            maxWords: maxWords ?? Int(WordRange.countMax), evenAddresses: evenAddresses ?? false)
        parser.checkDefaults(top, &reader)
        let values = parser.values(top, &reader)
        let identity = parser.identity(top, &reader)
        let frozen = parser.frozen(top, &reader)
        let dailyEnergies = parser.dailyEnergies(top, dials: values, &reader)
        let clock = parser.clock(top, &reader)

        guard reader.faults.isEmpty, let name, let version, let manufacturer, let model, let manual, let evidence,
            let maxWords, let evenAddresses, let ceiling, let nominal, let pause, let rollover
        else { throw InputFaults(reader.faults.sorted { $0.line < $1.line }) }
        self.init(
            name: name, version: version, manufacturer: manufacturer, model: model, manual: manual, evidence: evidence,
            maxWords: maxWords, evenAddresses: evenAddresses, ceilingWatts: Int64(ceiling),
            nominalVolts: Int64(nominal), pauseMilliseconds: pause,
            values: values, identity: identity, frozen: frozen, dailyEnergies: dailyEnergies,
            clock: clock, rolloverWattHours: rollover)
    }
}

extension ProfileValueParser {
    /// The table `values`, in address order within each function.
    func values(_ top: InputSection, _ reader: inout SectionReader) -> [ProfileValue] {
        guard top.entry("values") != nil else {
            reader.note("is missing; must list at least the register import", in: top, at: "values")
            return []
        }
        guard let table = reader.subsection("values", of: top, keys: nil) else { return [] }
        if table.entry("import") == nil {
            reader.note("has no import register, OBIS 1-0:1.8.0; add the line \"import: {…}\"", in: top, at: "values")
        }
        var lines: [(value: ProfileValue, line: Int)] = []
        for entry in table.entries {
            guard let section = reader.subsection(entry.key, of: table, keys: Self.valueKeys),
                let value = value(named: entry.key, section, in: .values, &reader)
            else { continue }
            lines.append((value, entry.line))
        }
        lines.sort {
            ($0.value.range.function.rawValue, $0.value.range.address)
                < ($1.value.range.function.rawValue, $1.value.range.address)
        }
        // A word that belongs to two values is a slip of the pen: one of them has the wrong address or type.
        for (before, after) in zip(lines, lines.dropFirst())
        where before.value.range.function == after.value.range.function
            && Int(after.value.range.address) < before.value.range.end
        {
            reader.note(
                "overlaps values.\(before.value.name) (\(before.value.range)); no word may belong to two values",
                line: after.line, field: "values.\(after.value.name)", value: after.value.range.description)
        }
        return lines.map(\.value)
    }

    /// The optional section `identity`.
    func identity(_ top: InputSection, _ reader: inout SectionReader) -> Identity? {
        guard let section = reader.subsection("identity", of: top, keys: ["block", "model", "serial", "firmware"])
        else { return nil }
        guard section.entry("model") != nil || section.entry("serial") != nil else {
            reader.note("must have a model, a serial, or both", in: top, at: "identity")
            return nil
        }
        var model: Identity.ModelCheck?
        if let lines = reader.subsection("model", of: section, keys: Self.identityKeys + ["expected"]) {
            model = modelCheck(lines, &reader)
        }
        var serial: ProfileValue?
        if let lines = reader.subsection("serial", of: section, keys: Self.identityKeys) {
            serial = value(named: "serial", lines, in: .identity, &reader)
        }
        var firmware: ProfileValue?
        if let lines = reader.subsection("firmware", of: section, keys: Self.identityKeys) {
            firmware = value(named: "firmware", lines, in: .identity, isAlwaysOptional: true, &reader)
        }
        return Identity(
            wholeBlock: identityBlock(section, &reader), model: model, serial: serial, firmware: firmware)
    }

    /// The optional `block` of an identity: words that the meter gives all together or not at all.
    private func identityBlock(_ identity: InputSection, _ reader: inout SectionReader) -> WordRange? {
        guard let section = reader.subsection("block", of: identity, keys: ["function", "address", "words"]) else {
            return nil
        }
        let function = reader.function(section, fallback: function)
        let address = reader.number("address", of: section, in: 0...65_535)
        let words = reader.number("words", of: section, in: 1...min(maxWords, Int(WordRange.countMax)))
        guard let function, let address, let words else { return nil }
        guard let range = WordRange(function: function, address: UInt16(address), count: UInt16(words)) else {
            reader.note("must end before word 65536", in: section, at: "words", value: String(words))
            return nil
        }
        return range
    }

    private func modelCheck(_ section: InputSection, _ reader: inout SectionReader) -> Identity.ModelCheck? {
        let remedy = "must list what the model answers: whole numbers, or text of exactly the value's width"
        let texts = reader.list("expected", of: section, remedy: remedy)
        if section.entry("expected") == nil { reader.note("is missing; \(remedy)", in: section, at: "expected") }
        guard let value = value(named: "model", section, in: .identity, &reader), let texts else { return nil }
        var expected: [[UInt16]] = []
        for text in texts {
            guard let words = value.encoding.words(expected: text) else {
                reader.note(remedy, in: section, at: "expected", value: text)
                continue
            }
            expected.append(words)
        }
        return Identity.ModelCheck(value: value, expected: expected)
    }

    /// The optional section `frozen`.
    func frozen(_ top: InputSection, _ reader: inout SectionReader) -> FrozenDays? {
        let keys = ["function", "base", "stride", "slots", "stamp", "stamp_offset", "values"]
        guard let section = reader.subsection("frozen", of: top, keys: keys) else { return nil }
        let function = reader.function(section, fallback: self.function)
        let base = reader.number("base", of: section, in: 0...65_535)
        let stride = reader.number("stride", of: section, in: 1...65_535)
        let slots = reader.number("slots", of: section, in: 1...65_535)
        let stamp: FrozenDays.Stamp? = reader.word("stamp", of: section)
        let stampOffset = reader.number("stamp_offset", of: section, in: 0...123)
        let place = function.flatMap { function in
            base.map { DailyEnergies.Place(function: function, base: UInt16($0)) }
        }
        guard let values = recordValues(section, keys: Self.frozenKeys, in: place, &reader) else { return nil }
        guard let function, let base, let stride, let slots, let stamp, let stampOffset else { return nil }
        guard
            let frozen = FrozenDays(
                function: function, base: UInt16(base), stride: stride, slots: slots, stamp: stamp,
                stampOffset: stampOffset, values: values)
        else {
            reader.note(
                "its records must hold a register, fit their stride, share no word and lie below word 65536", in: top,
                at: "frozen")
            return nil
        }
        if frozen.recordWords > maxWords {
            reader.note(
                "a record of \(frozen.recordWords) words must be read whole; max_words is \(maxWords)", in: top,
                at: "frozen")
        }
        return frozen
    }

    /// The registers of a record; `nil` after a fault.
    func recordValues(
        _ section: InputSection, keys: [String], in place: DailyEnergies.Place?, _ reader: inout SectionReader
    ) -> [ProfileValue]? {
        if section.entry("values") == nil {
            reader.note("is missing; must list the registers of a record", in: section, at: "values")
        }
        guard let table = reader.subsection("values", of: section, keys: nil) else { return nil }
        var values: [ProfileValue] = []
        for entry in table.entries {
            guard let lines = reader.subsection(entry.key, of: table, keys: keys) else { continue }
            guard Register(name: entry.key) != nil else {
                reader.note("is no register; known: \(Register.names)", in: table, at: entry.key)
                continue
            }
            guard let place, let value = value(named: entry.key, lines, in: .record(place), &reader) else { continue }
            values.append(value)
        }
        return values.count == table.entries.count ? values : nil
    }
}

extension SectionReader {
    mutating func function(_ section: InputSection, fallback: ReadFunction?) -> ReadFunction? {
        let remedy = "must be 3 (holding registers) or 4 (input registers), here or at the top of the file"
        return scalar("function", of: section, fallback: fallback, remedy: remedy) { text in
            UInt8(text).flatMap(ReadFunction.init(rawValue:)).flatMap { $0 == .fileRecord ? nil : $0 }
        }
    }
}
