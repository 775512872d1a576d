import InputFiles
import Metering

extension ProfileValueParser {
    /// The optional section `clock`.
    func clock(_ top: InputSection, _ reader: inout SectionReader) -> MeterClock? {
        let keys = ["function", "address", "type", "order", "zone", "optional"]
        guard let section = reader.subsection("clock", of: top, keys: keys) else { return nil }
        let function = reader.function(section, fallback: function)
        let address = reader.number("address", of: section, in: 0...65_535)
        let form: TimeEncoding.Form? = reader.word("type", of: section)
        let order = reader.word("order", of: section, fallback: order)
        let isOptional = reader.flag("optional", of: section)
        let isSeconds = form == .unixUTC || form == .unixUTC64
        if isSeconds, section.entry("zone") != nil {
            reader.note("seconds since 1970 are UTC; remove the key", in: section, at: "zone")
        }
        let zone: TimeEncoding.Zone? =
            isSeconds || form == nil ? .utc : reader.word("zone", of: section)
        guard let function, let address, let form, let order, let isOptional, let zone else { return nil }
        let encoding = TimeEncoding(form: form, order: order, zone: zone)
        guard
            let range = WordRange(function: function, address: UInt16(address), count: UInt16(encoding.wordCount))
        else {
            reader.note(
                "must leave room for \(encoding.wordCount) words before word 65536", in: section, at: "address",
                value: String(address))
            return nil
        }
        if encoding.wordCount > maxWords {
            reader.note("has \(encoding.wordCount) words; max_words is \(maxWords)", in: top, at: "clock")
        }
        if evenAddresses, range.address % 2 != 0 || range.count % 2 != 0 {
            reader.note(
                "must start at an even address and have an even number of words, because even_addresses is true",
                in: section, at: "address", value: range.description)
        }
        return MeterClock(range: range, encoding: encoding, isOptional: isOptional)
    }
}
