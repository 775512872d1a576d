import Metering

/// When an alarm is bad and when it is good again. Every threshold has slack between the two; where they come from:
/// vee-and-feeds §5.4 (a proposal), each may be set.
package struct AlarmThresholds: Hashable, Sendable {
    /// Of the meters that must be read by 06:00, in thousandths; cleared ten thousandths above.
    package var collectionTarget: Int64 = 980
    /// A district whose share of lost gateways is above this many thousandths.
    package var districtLost: Int64 = 50
    /// A rule that finds so many times what it found a day in the 28 days before.
    package var findingsTimes: Int64 = 5
    /// A station's loss is outside its band beyond so many times its own scatter, and beyond so many thousandths of
    /// what came in at least.
    package var lossDeviations: Int64 = 4
    package var lossSlack: Int64 = 10
    /// Commits of which one in a hundred takes longer than this many milliseconds.
    package var commitMilliseconds: Int64 = 1000
    /// Less than so many thousandths of the disk are free.
    package var diskFree: Int64 = 150
    /// Days that are over and not closed.
    package var daysNotClosed: Int64 = 2

    package init() {}
}

/// How a gateway stands for an alarm.
package struct GatewayStanding: Hashable, Sendable {
    package let name: String
    package let station: String
    package let district: String
    package let isLost: Bool

    package init(name: String, station: String, district: String, isLost: Bool) {
        self.name = name
        self.station = station
        self.district = district
        self.isLost = isLost
    }
}

/// What can be said before 06:00 of the meters that will have been read by then.
package struct CollectionForecast: Hashable, Sendable {
    package let expected: Int
    package let known: Int
    /// Meters that do not answer, or whose gateway does not.
    package let out: Int
    /// Requests that are due now.
    package let waiting: Int
    /// Until all of them have been asked, by the pace so far; 0 where nobody can tell.
    package let sweep: Instant.Span
    /// Until 06:00.
    package let left: Instant.Span

    package init(
        expected: Int, known: Int, out: Int, waiting: Int, sweep: Instant.Span, left: Instant.Span
    ) {
        self.expected = expected
        self.known = known
        self.out = out
        self.waiting = waiting
        self.sweep = sweep
        self.left = left
    }

    /// Those that are known, and of the others as many as the time is enough for; none where all have been asked.
    package var predicted: Int {
        guard left > .zero, waiting > 0 else { return known }
        let reachable = max(0, expected - out - known)
        guard sweep > left, sweep.microseconds > 0 else { return known + reachable }
        let (high, low) = Int64(reachable).multipliedFullWidth(by: left.microseconds)
        return known + Int(sweep.microseconds.dividingFullWidth((high, low)).quotient)
    }
}

extension AlarmSign {
    /// - Parameters:
    ///   - predicted: meters that will have been read at 06:00, of `expected`.
    ///   - isNight: whether it is between 03:00 and 06:00: before that nobody can tell, after it nothing helps.
    package static func collection(
        predicted: Int, of expected: Int, isNight: Bool, _ thresholds: AlarmThresholds
    ) -> [AlarmSign] {
        guard isNight, expected > 0 else { return [] }
        let thousandths = Int64(predicted) * 1000 / Int64(expected)
        let target = thresholds.collectionTarget
        return [
            AlarmSign(
                Alarm(.collectionBehind),
                thousandths < target ? .bad : thousandths >= min(1000, target + 10) ? .good : .between,
                "\(predicted) of \(expected) meters will have been read at 06:00, fewer than \(percent(target)); "
                    + "look at the lost gateways and at the slowest ones of the sweep")
        ]
    }

    /// One alarm a station, and one a district where more of its gateways are lost than single faults explain; that one
    /// explains its stations'.
    package static func gateways(_ gateways: [GatewayStanding], _ thresholds: AlarmThresholds) -> [AlarmSign] {
        var signs: [AlarmSign] = []
        var parents: [String: Alarm] = [:]
        for (district, all) in grouped(gateways, by: \.district) {
            let lost = all.count(where: \.isLost)
            let thousandths = Int64(lost) * 1000 / Int64(all.count)
            // One of a handful is no district.
            let isBad = thousandths > thresholds.districtLost && lost > 1
            if isBad { parents[district] = Alarm(.districtLost, district) }
            signs.append(
                AlarmSign(
                    Alarm(.districtLost, district),
                    isBad ? .bad : thousandths * 2 > thresholds.districtLost && lost > 1 ? .between : .good,
                    "\(lost) of \(all.count) gateways of \(district) do not answer; look at what they have in common: "
                        + "the carrier, the power, the network"))
        }
        for (station, all) in grouped(gateways, by: \.station) {
            let lost = all.filter(\.isLost)
            let names = lost.prefix(5).map(\.name).joined(separator: ", ")
            signs.append(
                AlarmSign(
                    Alarm(.gatewaysLost, station), lost.isEmpty ? .good : .bad,
                    "\(lost.count) of \(all.count) gateways of \(station.isEmpty ? "no station" : station) do not "
                        + "answer (\(names)\(lost.count > 5 ? " …" : "")); send somebody",
                    parent: lost.first.flatMap { parents[$0.district] }))
        }
        return signs
    }

    /// - Parameters:
    ///   - found: by a rule in the last day that was judged.
    ///   - before: in each of the days before it, 28 at the most.
    package static func findings(
        _ rule: String, found: Int, before: [Int], _ thresholds: AlarmThresholds
    ) -> [AlarmSign] {
        // A week says what is usual; and few of anything are no mass.
        guard before.count >= 7 else { return [] }
        let sum = Int64(before.reduce(0, +))
        let value = Int64(found) * Int64(before.count)
        let isMany = found >= 10
        let level: Level =
            isMany && value > sum * thresholds.findingsTimes
            ? .bad : isMany && value > sum * (thresholds.findingsTimes - 1) ? .between : .good
        return [
            AlarmSign(
                Alarm(.findingsRise, rule), level,
                "rule \(rule) found \(found) in a day, \(sum / Int64(before.count)) a day before that; look at what "
                    + "the cases have in common, then at the rule's threshold")
        ]
    }

    package static func clock(isKept: Bool) -> AlarmSign {
        AlarmSign(
            Alarm(.clockFree), isKept ? .good : .bad,
            "this machine's clock is not synchronized; midnights are read when it says so: see timedatectl")
    }

    /// - Parameter milliseconds: what one commit in a hundred takes longer than, lately.
    package static func commits(milliseconds: Int64, _ thresholds: AlarmThresholds) -> AlarmSign {
        AlarmSign(
            Alarm(.commitsSlow),
            level(milliseconds, badFrom: thresholds.commitMilliseconds, goodUpTo: thresholds.commitMilliseconds / 2),
            "one commit in a hundred takes more than \(milliseconds) ms; look at the disk")
    }

    /// - Parameters:
    ///   - free, size: of the store's disk, in bytes.
    package static func disk(free: Int64, of size: Int64, _ thresholds: AlarmThresholds) -> [AlarmSign] {
        guard size > 0 else { return [] }
        let used = 1000 - free / max(1, size / 1000)
        let limit = 1000 - thresholds.diskFree
        return [
            AlarmSign(
                Alarm(.diskLow), level(used, badFrom: limit, goodUpTo: limit - 20),
                "\(free >> 20) MB are free on the store's disk, less than \(percent(thresholds.diskFree)); without "
                    + "room nothing is stored: free some, or move the backups away")
        ]
    }

    /// - Parameter isEmptied: whether the write-ahead log is as small as a checkpoint leaves it.
    package static func log(bytes: Int64, isEmptied: Bool) -> AlarmSign {
        AlarmSign(
            Alarm(.logGrows), isEmptied ? .good : .bad,
            "the write-ahead log has \(bytes >> 20) MB and is not emptied; a program that reads the store holds it: "
                + "lsof names it")
    }

    package static func closing(daysBehind: Int, _ thresholds: AlarmThresholds) -> AlarmSign {
        AlarmSign(
            Alarm(.daysNotClosed), level(Int64(daysBehind), badFrom: thresholds.daysNotClosed, goodUpTo: 1),
            "\(daysBehind) days are over and not closed; the log says why closing fails")
    }

    static func percent(_ thousandths: Int64) -> String {
        let magnitude = thousandths.magnitude
        let text = magnitude % 10 == 0 ? "\(magnitude / 10) %" : "\(magnitude / 10).\(magnitude % 10) %"
        return thousandths < 0 ? "-" + text : text
    }

    private static func grouped(
        _ gateways: [GatewayStanding], by place: (GatewayStanding) -> String
    ) -> [(String, [GatewayStanding])] {
        Dictionary(grouping: gateways, by: place).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
