import Metering

extension LogBook {
    /// What is left of a line.
    struct Words {
        private var left: ArraySlice<String>

        init(_ words: [String]) { left = words[...] }

        mutating func next(_ what: String) throws -> String {
            guard let word = left.popFirst() else { throw Reason(text: "\(what) is missing") }
            return word
        }

        mutating func take(_ word: String) throws -> Bool {
            guard left.first == word else { return false }
            left.removeFirst()
            return true
        }

        mutating func expect(_ word: String) throws {
            let found = try next("\"\(word)\"")
            guard found == word else { throw Reason(text: "\"\(found)\" where \"\(word)\" belongs") }
        }

        /// All that is left, as one.
        mutating func all() -> String {
            defer { left.removeAll() }
            return left.joined(separator: " ")
        }

        /// `27 x`; 1 where no number of times is told.
        mutating func repeats() throws -> Int {
            guard left.dropFirst().first == "x" else { return 1 }
            let count = try integer("times")
            try expect("x")
            return Int(count)
        }

        /// `-> high zero-run`
        mutating func names() throws -> [String] {
            try expect("->")
            defer { left.removeAll() }
            return Array(left)
        }

        func end() throws {
            if let word = left.first { throw Reason(text: "\"\(word)\" is too much") }
        }

        mutating func integer(_ what: String) throws -> Int64 {
            let word = try next(what)
            guard let number = Int64(word) else { throw Reason(text: "\"\(word)\" is no number of \(what)") }
            return number
        }

        /// `15m`, `2s`, `1h`
        mutating func span() throws -> Instant.Span {
            let word = try next("a span")
            guard let count = Int64(word.dropLast()), let unit = word.last else {
                throw Reason(text: "\"\(word)\" is no span like 15m")
            }
            switch unit {
            case "s": return .seconds(count)
            case "m": return .minutes(count)
            case "h": return .hours(count)
            default: throw Reason(text: "\"\(word)\" is no span like 15m")
            }
        }

        /// `23:50` or `23:50:01`, counted from the day's first instant.
        mutating func timeOfDay() throws -> Instant.Span {
            let word = try next("a time")
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            let numbers = parts.compactMap { $0.utf8.count == 2 ? Int64($0) : nil }
            guard (2...3).contains(parts.count), numbers.count == parts.count else {
                throw Reason(text: "\"\(word)\" is no time like 23:50")
            }
            return .seconds(numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0))
        }

        /// `120.500 kWh`
        mutating func energy() throws -> Energy {
            let energy = try Self.kilowattHours(next("kilowatt-hours"))
            try expect("kWh")
            return energy
        }

        /// Always three decimals, as the book writes them.
        static func kilowattHours(_ word: String) throws -> Energy {
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].utf8.count == 3, let wattHours = Int64(parts[0] + parts[1]) else {
                throw Reason(text: "\"\(word)\" is no number of kWh like 120.500")
            }
            return Energy(wattHours: wattHours)
        }
    }
}
