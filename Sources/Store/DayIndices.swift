import Metering

/// A register's indices, by day, each day once.
struct DayIndices {
    let all: [DailyIndex]

    /// - Parameter all: by day, each day once.
    init(_ all: [DailyIndex] = []) { self.all = all }

    /// Those of some days, both inclusive.
    func slice(from first: ServiceDay, through last: ServiceDay) -> ArraySlice<DailyIndex> {
        let start = position(notBefore: first)
        return all[start..<max(start, position(notBefore: last.next))]
    }

    private func position(notBefore day: ServiceDay) -> Int {
        var (low, high) = (0, all.count)
        while low < high {
            let middle = (low + high) / 2
            if all[middle].day < day { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where no day is missing before it, an index stands as far from the first as its day does; else before that.
    subscript(day: ServiceDay) -> DailyIndex? {
        guard let first = all.first, day >= first.day else { return nil }
        var last = min(day - first.day, all.count - 1)
        guard all[last].day != day else { return all[last] }
        var start = 0
        while start <= last {
            let middle = (start + last) / 2
            if all[middle].day == day { return all[middle] }
            if all[middle].day < day { start = middle + 1 } else { last = middle - 1 }
        }
        return nil
    }
}
