// What a dial shows from step to step: the first index whole, its width told elsewhere; the first difference by its own
// width, of which the index's says nearly all; each other one as what the forecast missed.

/// A few years of a home's days are on a dial, about 2¹¹: so much narrower than the index is the difference.
private let usuallyNarrower = 11

struct DialWriter {
    private var count = 0
    private var last: Int64 = 0
    private var forecast = Forecast(level: 0, spread: 0)

    /// - Parameters:
    ///   - dial: 0 or more; it may go back.
    ///   - steps: from the last one to this, 1 or more; without meaning for the first.
    @inline(__always)
    mutating func put(_ dial: Int64, steps: Int, to writer: inout BitWriter) {
        let difference = dial &- last
        if count > 1 {
            let miss = difference &- forecast.expected(steps: steps)
            writer.put(near: UInt64(folding: miss), low: forecast.low(steps: steps))
            if steps == 1 { forecast.learn(difference, miss: miss) } else { forecast.skip() }
        } else {
            putFirst(difference, steps: steps, to: &writer)
        }
        last = dial
        count &+= 1
    }

    private mutating func putFirst(_ difference: Int64, steps: Int, to writer: inout BitWriter) {
        // A dial that went back has a difference of 64 bits here: rare, and so no sign need stand for the others.
        let unsigned = UInt64(bitPattern: difference)
        if count == 1 {
            let narrower = UInt64(last).width - usuallyNarrower - unsigned.width
            writer.put(near: UInt64(folding: Int64(narrower)), low: 1)
            forecast = Forecast(first: difference, steps: steps)
        }
        writer.put(belowHighest: unsigned)
    }
}

struct DialReader {
    /// The index last read.
    private(set) var dial: Int64
    private let width: Int
    private let most: Int64
    private var forecast = Forecast(level: 0, spread: 0)

    /// Reads the first index.
    /// - Parameters:
    ///   - width: 0...63.
    ///   - most: the greatest index there can be.
    init(width: Int, most: Int64, from reader: inout BitReader) throws(UnreadableBody) {
        (self.width, self.most) = (width, most)
        dial = Int64(try reader.belowHighest(width: width))
        guard dial <= most else { throw UnreadableBody() }
    }

    /// The second index; before any other.
    /// - Parameter steps: as it was put.
    mutating func second(steps: Int, from reader: inout BitReader) throws(UnreadableBody) {
        let narrower = Int64(unfolding: try reader.near(low: 1))
        let width = Int64(width - usuallyNarrower) &- narrower
        guard (0...64).contains(width) else { throw UnreadableBody() }
        let difference = Int64(bitPattern: try reader.belowHighest(width: Int(width)))
        forecast = Forecast(first: difference, steps: steps)
        dial &+= difference
        guard dial >= 0, dial <= most else { throw UnreadableBody() }
    }

    /// The index after the last one.
    @inline(__always)
    mutating func next(steps: Int, from reader: inout BitReader) throws(UnreadableBody) {
        let miss = Int64(unfolding: try reader.near(low: forecast.low(steps: steps)))
        let difference = forecast.expected(steps: steps) &+ miss
        dial &+= difference
        guard dial >= 0, dial <= most else { throw UnreadableBody() }
        if steps == 1 { forecast.learn(difference, miss: miss) } else { forecast.skip() }
    }
}
