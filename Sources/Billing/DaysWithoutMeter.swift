import Metering

/// Days on which a usage point had no meter: after the day one was taken down and before the day the next was put up.
/// Nothing was supplied on them, so they bring no blocks (the EVN billing engine takes them out of the quota days).
package struct DaysWithoutMeter: Hashable, Sendable {
    /// Both ends of each inclusive; in order, none within another.
    package let spans: [ClosedRange<ServiceDay>]

    package init(_ spans: [ClosedRange<ServiceDay>] = []) { self.spans = spans }

    package static let none = DaysWithoutMeter()

    /// Those from `first` up to, not including, `end`; none where `end` is not later.
    package func days(from first: ServiceDay, before end: ServiceDay) -> [ServiceDay] {
        spans.flatMap { span in span.filter { first <= $0 && $0 < end } }
    }

    /// How many days from `first` up to, not including, `end` had a meter; 0 where `end` is not later.
    package func supplied(from first: ServiceDay, before end: ServiceDay) -> Int {
        max(0, end - first) - days(from: first, before: end).count
    }
}
