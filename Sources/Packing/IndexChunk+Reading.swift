import Metering

extension IndexChunk {
    /// The indices of a chunk, day by day.
    /// - Throws: `UnreadableBody` for a chunk that was altered, cut, put under another key, or of a later version.
    package static func indices(in body: UnsafeRawBufferPointer, key: ChunkKey) throws(UnreadableBody) -> [DailyIndex] {
        var indices: [DailyIndex] = []
        try unpack(body, key: key, to: &indices)
        return indices
    }

    /// Adds the indices of a chunk, day by day; none of a chunk that throws.
    package static func unpack(
        _ body: UnsafeRawBufferPointer, key: ChunkKey, to indices: inout [DailyIndex]
    ) throws(UnreadableBody) {
        let start = indices.count
        // Read where they stay: memory of its own would be asked for and given back for each chunk.
        indices.append(contentsOf: repeatElement(DailyIndex(day: key.firstDay), count: key.days))
        var count = 0
        defer { indices.removeLast(key.days - count) }
        count = try indices.withUnsafeMutableBufferPointer { indices throws(UnreadableBody) in
            try read(body, key: key, into: UnsafeMutableBufferPointer(rebasing: indices[start...]))
        }
    }

    /// The same into memory of the caller's, with room for the key's days; what it holds after an error says nothing.
    /// - Returns: how many there are.
    package static func read(
        _ body: UnsafeRawBufferPointer, key: ChunkKey, into indices: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) -> Int {
        precondition(indices.count >= key.days, "room for \(key.days) indices")
        var reader = try ChunkChecksum.checked(body, kind: kind, key: key)
        let head = try ChunkHead(from: &reader)
        let traits = head.isUsual ? 0 : try reader.take(Trait.count)
        guard head.isUsual || traits != 0 else { throw UnreadableBody() }
        let hasStates = traits & Trait.states != 0
        let count = hasStates ? try states(key: key, from: &reader, into: indices) : key.days
        let days = UnsafeMutableBufferPointer(rebasing: indices[..<count])
        var (unit, hasRemainders) = (DialUnit(exponent: 0), false)
        if traits & Trait.unit != 0 {
            unit = try UnitBits.take(from: &reader)
            hasRemainders = hasStates ? try UnitBits.takeFlag(of: days, from: &reader) : false
        }
        if hasStates {
            try dials(width: head.width, unit, from: &reader, into: days)
        } else {
            try usual(width: head.width, unit, firstDay: key.firstDay, from: &reader, into: days)
        }
        if traits & Trait.bounds != 0 { try bounds(from: &reader, into: days) }
        if traits & Trait.revisions != 0 { try revisions(from: &reader, into: days) }
        if hasRemainders { try remainders(unit, from: &reader, into: days) }
        guard unit.isRight(for: days) else { throw UnreadableBody() }
        try reader.end()
        return count
    }

    /// The dials of a chunk in which every day is there and frozen.
    private static func usual(
        width: Int, _ unit: DialUnit, firstDay: ServiceDay, from reader: inout BitReader,
        into days: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) {
        var dial = try DialReader(width: width, most: unit.most, from: &reader)
        let (noBound, first) = (Energy.zero, firstDay.number)
        var place = 0
        while true {
            days[place] = DailyIndex(
                day: ServiceDay(number: first &+ Int32(truncatingIfNeeded: place)),
                index: Energy(wattHours: dial.dial &* unit.wattHours), quality: .frozen, errorBound: noBound)
            place &+= 1
            guard place < days.count else { return }
            if place > 1 { try dial.next(steps: 1, from: &reader) } else { try dial.second(steps: 1, from: &reader) }
        }
    }

    /// The dials of days that are known, and their qualities.
    private static func dials(
        width: Int, _ unit: DialUnit, from reader: inout BitReader, into days: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) {
        guard let first = days.first else {
            guard width == 0 else { throw UnreadableBody() }
            return
        }
        var dial = try DialReader(width: width, most: unit.most, from: &reader)
        days[0] = first.showing(dial.dial &* unit.wattHours)
        var last = first.day.number
        for place in 1..<max(1, days.count) {
            let steps = Int(days[place].day.number &- last)
            last = days[place].day.number
            if place > 1 {
                try dial.next(steps: steps, from: &reader)
            } else {
                try dial.second(steps: steps, from: &reader)
            }
            days[place] = days[place].showing(dial.dial &* unit.wattHours)
        }
    }

    private static func remainders(
        _ unit: DialUnit, from reader: inout BitReader, into days: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) {
        var isAny = false
        for place in days.indices where !days[place].quality.isFrozen {
            let remainder = try UnitBits.remainder(of: unit, from: &reader)
            isAny = isAny || remainder != 0
            let (sum, isOver) = days[place].index.wattHours.addingReportingOverflow(remainder)
            guard !isOver else { throw UnreadableBody() }
            days[place] = days[place].showing(sum)
        }
        guard isAny else { throw UnreadableBody() }
    }

    /// Days and qualities.
    private static func states(
        key: ChunkKey, from reader: inout BitReader, into indices: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) -> Int {
        let count = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: key.days) { states -> Int? in
            guard (try? StateRuns.take(into: states, from: &reader)) != nil else { return nil }
            var (count, isUsual) = (0, true)
            for (place, state) in states.enumerated() {
                isUsual = isUsual && state == IndexQuality.frozen.rawValue
                guard let quality = IndexQuality(rawValue: state) else { continue }
                let day = key.firstDay.number &+ Int32(truncatingIfNeeded: place)
                indices[count] = DailyIndex(day: ServiceDay(number: day), quality: quality)
                count += 1
            }
            return isUsual ? nil : count
        }
        guard let count else { throw UnreadableBody() }
        return count
    }

    private static func bounds(
        from reader: inout BitReader, into days: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) {
        let hasOdd = try reader.flag()
        let hasExact = try reader.flag()
        var (anyBound, anyOdd, anyExact) = (false, false, false)
        var forecast = boundForecast
        for place in days.indices {
            let quality = days[place].quality
            guard hasOdd || quality.hasBound else { continue }
            let bound: Energy
            if hasExact, try reader.flag() {
                bound = Energy(wattHours: Int64(try reader.plain()))
                guard BoundCode(exactly: bound) == nil else { throw UnreadableBody() }
                anyExact = true
            } else {
                let miss = Int64(unfolding: try reader.near(low: forecast.low(steps: 1)))
                let number = forecast.expected(steps: 1) &+ miss
                guard let small = UInt8(exactly: number), let code = BoundCode(number: small) else {
                    throw UnreadableBody()
                }
                bound = code.bound
                forecast.learn(number, miss: miss)
            }
            guard bound != .zero else { continue }
            anyBound = true
            anyOdd = anyOdd || !quality.hasBound
            days[place].setBound(bound)
        }
        guard anyBound, anyOdd == hasOdd, anyExact == hasExact else { throw UnreadableBody() }
    }

    private static func revisions(
        from reader: inout BitReader, into days: UnsafeMutableBufferPointer<DailyIndex>
    ) throws(UnreadableBody) {
        let count = try reader.count(most: days.count)
        var place = -1
        for _ in 0..<count {
            place += try reader.count(most: days.count)
            guard place < days.count, let beyond = Int(exactly: try reader.near(low: 0)), beyond <= .max - 2
            else {
                throw UnreadableBody()
            }
            days[place].setRevision(beyond + 2)
        }
    }
}

extension DailyIndex {
    fileprivate init(day: ServiceDay, quality: IndexQuality = .frozen) {
        self.init(day: day, index: .zero, quality: quality, errorBound: .zero)
    }

    fileprivate func showing(_ wattHours: Int64) -> DailyIndex {
        DailyIndex(
            day: day, index: Energy(wattHours: wattHours), quality: quality, errorBound: errorBound, revision: revision)
    }

    fileprivate mutating func setBound(_ bound: Energy) {
        self = DailyIndex(day: day, index: index, quality: quality, errorBound: bound, revision: revision)
    }

    fileprivate mutating func setRevision(_ revision: Int) {
        self = DailyIndex(day: day, index: index, quality: quality, errorBound: errorBound, revision: revision)
    }
}
