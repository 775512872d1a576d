/// A meter's time at a usage point, and what the fitter read at both ends of it.
///
/// A meter is put up and taken down at some hour of a day, and yet it is known what its dial shows at the first
/// instants before and after: until it is put up it lies on a shelf, and once it is taken down it stands still. So the
/// day of an exchange is the last day of the old meter and the first one of the new, and both have a part of its
/// consumption.
package struct MeterStay: Hashable, Sendable {
    package let installedOn: ServiceDay
    /// `nil` while it is there.
    package let removedOn: ServiceDay?
    package let startIndex: Energy?
    package let endIndex: Energy?

    package init(
        installedOn: ServiceDay, removedOn: ServiceDay?, startIndex: Energy? = nil, endIndex: Energy? = nil
    ) {
        self.installedOn = installedOn
        self.removedOn = removedOn
        self.startIndex = startIndex
        self.endIndex = endIndex
    }

    /// Whether it is polled on `day`, and expected to answer: not on the day it leaves, for nobody told the hour.
    package func isInService(on day: ServiceDay) -> Bool {
        day >= installedOn && removedOn.map { day < $0 } ?? true
    }

    /// Whether the dial at the first instant of `day` is this meter's to show, from the day it comes to the day it
    /// leaves, both included. On the day of an exchange two meters do: the old one, which hung there at that instant,
    /// and the new one, which lay on a shelf.
    @inlinable
    package func showsIndex(of day: ServiceDay) -> Bool {
        day >= installedOn && removedOn.map { day <= $0 } ?? true
    }

    /// What the dial shows at the first instant of `day` by the fitter's word, as if a person had entered it: the start
    /// index on the day it comes, the end index on the day after it leaves. Of active import only, which is all that
    /// fitters write down.
    package func fittersIndex(of day: ServiceDay, _ register: Register) -> DailyIndex? {
        guard register == .activeImport else { return nil }
        let word = day == installedOn ? startIndex : day == removedOn?.next ? endIndex : nil
        return word.map { DailyIndex(day: day, index: $0, quality: .edited, errorBound: .zero) }
    }
}
