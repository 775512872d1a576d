/// How a meter proves what and which it is, before its first value is stored. At least one of the two is given.
package struct Identity: Hashable, Sendable {
    /// Words that the meter gives all together or not at all, with identity values among them (Siemens PAC).
    package let wholeBlock: WordRange?
    package let model: ModelCheck?
    /// The serial number, as text.
    package let serial: ProfileValue?
    /// The firmware's version, as text. It proves nothing, so a meter without it is no less believed: always optional.
    package let firmware: ProfileValue?

    /// What proves the meter, and the firmware where it comes with it. Each value in a request of its own, unless it
    /// lies in the whole block: some meters answer identity words only when asked for them alone, and their addresses
    /// may lie inside a measured value (Carlo Gavazzi EM24, 0x000B).
    package var blocks: [ReadBlock] {
        let values = [model?.value, serial].compactMap { $0 }
        guard let wholeBlock else { return values.map(ReadBlock.init) }
        let inside = (values + [firmware].compactMap { $0 }).filter { wholeBlock.contains($0.range) }
        let alone = values.filter { !wholeBlock.contains($0.range) }
        return (inside.isEmpty ? [] : [ReadBlock(wholeBlock, holding: inside)]) + alone.map(ReadBlock.init)
    }

    /// The firmware in a request of its own; `nil` where there is none, or where it comes with the whole block.
    package var firmwareBlock: ReadBlock? {
        firmware.flatMap { wholeBlock?.contains($0.range) == true ? nil : ReadBlock($0) }
    }

    /// Words that name the model, and what they may be.
    package struct ModelCheck: Hashable, Sendable {
        package let value: ProfileValue
        /// At least one; each as wide as the value, in the order of the wire.
        package let expected: [[UInt16]]

        package func accepts(_ words: [UInt16]) -> Bool { expected.contains(words) }
    }

    /// Whether the serial that a meter shows is the registered one: blanks, leading zeros and case say nothing.
    package static func serialMatches(_ found: String, registered: String) -> Bool {
        func core(_ text: String) -> Substring {
            let plain = text.lowercased().filter { !$0.isWhitespace && $0 != "\0" }
            let core = plain.drop { $0 == "0" }
            return core.isEmpty ? "0" : core
        }
        return core(found) == core(registered)
    }

    /// The serial number in `words`, those of `serial`'s own range; `nil` where the meter shows none.
    package func serialText(in words: [UInt16]) -> String? {
        guard let serial, case .text(let text) = serial.decode(words[...], multiplier: 1).outcome else { return nil }
        return text
    }
}
