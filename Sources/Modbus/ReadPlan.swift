import Metering

/// One request and the values that its answer holds.
package struct ReadBlock: Hashable, Sendable {
    package let range: WordRange
    package let values: [ProfileValue]
    /// One a value, `nil` where it has no register.
    private let dials: [PlainDial?]

    /// A block of one value.
    init(_ value: ProfileValue) { self.init(range: value.range, values: [value]) }

    /// One of its values in a request of its own.
    package func alone(_ value: Int) -> ReadBlock { ReadBlock(values[value]) }

    /// A block that must be read whole for the values that lie in it.
    init(_ range: WordRange, holding values: [ProfileValue]) {
        precondition(values.allSatisfy { range.contains($0.range) }, "a block holds its values")
        self.init(range: range, values: values)
    }

    private init(range: WordRange, values: [ProfileValue]) {
        self.range = range
        self.values = values
        dials = values.map { PlainDial($0, in: range) }
    }

    /// This block with the value that starts where it ends; `nil` if that leaves a hole, mixes functions, or makes it
    /// longer than `maxWords`.
    func appending(_ value: ProfileValue, maxWords: Int) -> ReadBlock? {
        let count = range.count + value.range.count
        guard value.range.function == range.function, Int(value.range.address) == range.end, Int(count) <= maxWords,
            let longer = WordRange(function: range.function, address: range.address, count: count)
        else { return nil }
        return ReadBlock(range: longer, values: values + [value])
    }

    /// Every value of the block, in address order. `words` is the whole answer to `range`.
    package func decode(_ words: [UInt16], multiplier: Int64) -> [DecodedValue] {
        precondition(words.count == Int(range.count), "a block is decoded from the whole answer to its own range")
        return values.map { value in
            let offset = Int(value.range.address - range.address)
            return value.decode(words[offset..<offset + Int(value.range.count)], multiplier: multiplier)
        }
    }

    /// The dials among the block's values, as they stood while the request was answered, and what was not available
    /// (`export: 0xFFFFFFFF means "not available"`). Values without a register are passed over.
    package func readings(from words: [UInt16], multiplier: Int64) -> (readings: [Reading], absent: [String]) {
        readings(from: words, multiplier: multiplier, moment: .live)
    }

    func readings(
        from words: [UInt16], multiplier: Int64, moment: Reading.Moment
    ) -> (readings: [Reading], absent: [String]) {
        precondition(words.count == Int(range.count), "a block is decoded from the whole answer to its own range")
        // Straight to the readings: this is the busiest loop of the collector.
        var readings: [Reading] = []
        readings.reserveCapacity(dials.count)
        var absent: [String] = []
        words.withUnsafeBufferPointer { whole in
            for position in dials.indices {
                guard let dial = dials[position] else { continue }
                let own = UnsafeBufferPointer(rebasing: whole[dial.words])
                let index: Energy
                if let plain = dial.index(in: own, multiplier: multiplier) {
                    index = plain
                } else {
                    switch values[position].outcome(words[dial.words], multiplier: multiplier) {
                    case .energy(let found): index = found
                    case .absent(let reason):
                        absent.append("\(values[position].name): \(reason)")
                        continue
                    case .quantity, .text: preconditionFailure("a register decodes to energy or to nothing")
                    }
                }
                readings.append(Reading(register: dial.register, moment: moment, index: index, words: WireWords(own)))
            }
        }
        return (readings, absent)
    }
}

/// The requests that read a set of values: as few as possible without touching a word no value declares.
/// A hole may answer exception 2, a wrong zero, or nothing at all, and would take its neighbours with it.
package struct ReadPlan: Hashable, Sendable {
    package let blocks: [ReadBlock]

    /// Sorts by function and address and joins neighbours up to `maxWords`. A value is never split; an optional one
    /// stays alone, because its exception must not cost the others.
    package init(_ values: [ProfileValue], maxWords: Int) {
        let sorted = values.sorted {
            ($0.range.function.rawValue, $0.range.address) < ($1.range.function.rawValue, $1.range.address)
        }
        var blocks: [ReadBlock] = []
        var mayGrow = false
        for value in sorted {
            if mayGrow, !value.isOptional, let longer = blocks.last?.appending(value, maxWords: maxWords) {
                blocks[blocks.count - 1] = longer
            } else {
                blocks.append(ReadBlock(value))
            }
            mayGrow = !value.isOptional
        }
        self.blocks = blocks
    }

    init(blocks: [ReadBlock]) { self.blocks = blocks }
}
