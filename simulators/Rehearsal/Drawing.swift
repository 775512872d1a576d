import Metering

extension SeededRandom {
    mutating func number(in range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }

    mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func span(in minutes: ClosedRange<Int64>) -> Instant.Span { .seconds(number(in: minutes) * 60) }

    /// Nothing is drawn for a share of 0, so that a calm network costs no chance.
    mutating func happens(perMille share: Int) -> Bool { share > 0 && number(in: 0...999) < share }

    /// One of them; the array must not be empty.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(in: 0...values.count - 1)] }
}
