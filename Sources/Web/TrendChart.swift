import Metering

/// The share of expected meters that have a valid midnight index, day by day, as a line in one SVG picture.
/// The axis is cut so that the difference between 99.1 % and 99.8 % can be seen; its labels say where it starts.
package struct TrendChart {
    package struct Day: Hashable, Sendable {
        package let day: ServiceDay
        package let valid: Int
        /// Meters that should have been read. 0 where the day is not closed or nothing was in service.
        package let expected: Int
        /// What a reader sees on pointing at the day.
        package let title: String

        package init(day: ServiceDay, valid: Int, expected: Int, title: String) {
            self.day = day
            self.valid = valid
            self.expected = expected
            self.title = title
        }

        /// Ten-thousandths of the expected, rounded down.
        var share: Int? { expected > 0 ? min(valid, expected) * 10_000 / expected : nil }
    }

    package let days: [Day]

    package init(days: [Day]) { self.days = days }

    /// Where the axis may start, in ten-thousandths: the highest that leaves the lowest day above it.
    private static let floors = [9900, 9500, 9000, 8000, 5000, 0]

    package func svg(width: Int, height: Int) -> String {
        let plot = ChartPlot(width: width, height: height, left: 52, right: 12, top: 12, bottom: 24)
        let lowest = days.compactMap(\.share).min() ?? 0
        let floor = Self.floors.first { $0 < lowest } ?? 0
        let range = 10_000 - floor
        let y = { (share: Int) in plot.baseline - (share - floor) * plot.plotHeight / range }
        var svg = plot.opening(label: label, className: "chart trend-chart")
        for quarter in 0...4 where quarter % 2 == 0 || plot.plotHeight >= 90 {
            let share = floor + range * quarter / 4
            svg += plot.gridLine(at: plot.baseline - y(share), label: VietnameseText.percentage(share))
        }
        for line in runs(y: y, plot: plot) { svg += drawn(line, plot: plot) }
        for (position, day) in days.enumerated() {
            let (left, right) = plot.span(of: position, in: days.count)
            let dot = day.share.map { share in
                let isLast = position == days.count - 1
                return """
                    <circle class="\(isLast ? "dot last" : "dot")" cx="\(plot.tenths((left + right) / 2))" \
                    cy="\(y(share))" r="\(isLast ? 4 : 2)"/>
                    """
            }
            svg += """
                <g class="day"><title>\(HTMLText.escape(day.title))</title>\
                <rect class="hit" x="\(plot.tenths(left))" y="\(plot.top)" width="\(plot.tenths(right - left))" \
                height="\(plot.plotHeight)"/>\(dot ?? "")</g>
                """
        }
        return svg + plot.dateLabels(days.map(\.day)) + "</svg>"
    }

    private struct Point {
        /// Tenths of a unit.
        let x: Int
        let y: Int
    }

    /// Unbroken stretches of days that have a share: a day without one breaks the line.
    private func runs(y: (Int) -> Int, plot: ChartPlot) -> [[Point]] {
        var runs: [[Point]] = [[]]
        for (position, day) in days.enumerated() {
            guard let share = day.share else {
                runs.append([])
                continue
            }
            let (left, right) = plot.span(of: position, in: days.count)
            runs[runs.count - 1].append(Point(x: (left + right) / 2, y: y(share)))
        }
        return runs.filter { !$0.isEmpty }
    }

    private func drawn(_ points: [Point], plot: ChartPlot) -> String {
        guard let first = points.first, let last = points.last, points.count > 1 else { return "" }
        let line = points.map { "\(plot.tenths($0.x)),\($0.y)" }.joined(separator: " ")
        let feet = "\(plot.tenths(last.x)),\(plot.baseline) \(plot.tenths(first.x)),\(plot.baseline)"
        return "<polygon class=\"area\" points=\"\(line) \(feet)\"/><polyline class=\"line\" points=\"\(line)\"/>"
    }

    private var label: String {
        guard let last = days.last else { return "Tỷ lệ chỉ số hợp lệ: chưa có ngày nào chốt" }
        let share = VietnameseText.percent(last.valid, of: last.expected)
        return "Tỷ lệ chỉ số 0h hợp lệ \(days.count) ngày gần nhất; \(VietnameseText.date(last.day)): \(share)"
    }
}

extension VietnameseText {
    /// `99,5 %` for 9,950 ten-thousandths.
    static func percentage(_ tenThousandths: Int) -> String {
        if tenThousandths % 100 == 0 { return percent(tenThousandths, of: 10_000, decimals: 0) }
        return percent(tenThousandths, of: 10_000, decimals: tenThousandths % 10 == 0 ? 1 : 2)
    }
}
