import InputFiles
import Metering

extension ProfileValueParser {
    private static let dailyKeys = [
        "function", "file", "base", "mirror", "stride", "days", "stamp", "stamp_offset", "values",
    ]

    /// The optional section `daily_energy`. `dials` are the profile's live values.
    func dailyEnergies(
        _ top: InputSection, dials: [ProfileValue], _ reader: inout SectionReader
    ) -> DailyEnergies? {
        guard let section = reader.subsection("daily_energy", of: top, keys: Self.dailyKeys) else { return nil }
        let place = place(section, &reader)
        let stride = reader.number("stride", of: section, in: 1...65_535)
        let days = reader.number("days", of: section, in: 1...65_535)
        let form: TimeEncoding.Form? = reader.word("stamp", of: section)
        let stampOffset = reader.number("stamp_offset", of: section, in: 0...123)
        let mirror = mirror(section, &reader)
        guard let values = recordValues(section, keys: Self.energyKeys, in: place, &reader), let place, let stride,
            let days, let form, let stampOffset
        else { return nil }
        checkDials(of: values, in: dials, section, &reader)
        let energies = DailyEnergies(
            place: place, mirror: mirror, stride: stride, days: days, stamp: TimeEncoding(form: form, order: order),
            stampOffset: stampOffset, values: values, maxWords: maxWords)
        if energies == nil {
            reader.note(
                "its records must hold a register, fit their stride, share no word, be read whole with max_words "
                    + "\(maxWords), and end before word 65536 (record 10000 of a file)", in: top, at: "daily_energy")
        }
        return energies
    }

    /// Registers with function 3 or 4, or a file with function 20.
    private func place(_ section: InputSection, _ reader: inout SectionReader) -> DailyEnergies.Place? {
        let base = reader.number("base", of: section, in: 0...65_535)
        guard section.entry("file") != nil else {
            guard let function = reader.function(section, fallback: function), let base else { return nil }
            return DailyEnergies.Place(function: function, base: UInt16(base))
        }
        let file = reader.number("file", of: section, in: 1...65_535)
        let function = reader.scalar(
            "function", of: section, fallback: ReadFunction.fileRecord.rawValue,
            remedy: "must be 20 (read file record), because there is a file", parse: { $0 == "20" ? 20 : nil })
        guard let file, let base, function != nil else { return nil }
        return DailyEnergies.Place(function: .fileRecord, file: UInt16(file), base: UInt16(base))
    }

    /// Read with the function at the top of the file, the meter's own way to read registers.
    private func mirror(_ section: InputSection, _ reader: inout SectionReader) -> DailyEnergies.Place? {
        guard section.entry("mirror") != nil, let base = reader.number("mirror", of: section, in: 0...65_535) else {
            return nil
        }
        guard let function else {
            reader.note("needs the key function (3 or 4) at the top of the file", in: section, at: "mirror")
            return nil
        }
        return DailyEnergies.Place(function: function, base: UInt16(base))
    }

    /// An energy leads to an index only from a dial that counts the same watt-hours.
    private func checkDials(
        of values: [ProfileValue], in dials: [ProfileValue], _ section: InputSection, _ reader: inout SectionReader
    ) {
        for value in values {
            let dial = dials.first { $0.register == value.register }
            let line = section.line
            let field = "\(section.path).values.\(value.name)"
            if dial?.side != .dial {
                reader.note(
                    "needs the dial \(value.name) under values, on the dial's own side", line: line, field: field)
            } else if value.encoding.resolution != 1 || dial?.encoding.resolution != 1 {
                reader.note(
                    "must count whole watt-hours, here and under values: a coarser step leaves the index of a past "
                        + "midnight uncertain", line: line, field: field)
            }
        }
    }
}
