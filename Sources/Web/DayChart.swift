import Metering

/// Daily consumption as bars in one SVG picture, each bar marked with what its two indices are worth.
/// It holds no script and no style: colours come from the page's style sheet by class.
package struct DayChart {
    package enum Mark: String, Hashable, Sendable, CaseIterable {
        /// Both midnight indices stand on the dial.
        case measured
        /// At least one of them is an estimate.
        case estimated
        /// At least one of them was entered by a person.
        case edited
        /// An index at one end is missing: no bar, a gap mark. Never to be mistaken for zero.
        case missing
        /// The day has not ended; nothing is missing yet.
        case open
    }

    package struct Day: Hashable, Sendable {
        package let day: ServiceDay
        /// `nil` exactly where the mark is `missing` or `open`.
        package let consumption: Energy?
        package let mark: Mark
        /// The index at 00:00 of this day, where known.
        package let index: DailyIndex?

        package init(day: ServiceDay, consumption: Energy?, mark: Mark, index: DailyIndex?) {
            self.day = day
            self.consumption = consumption
            self.mark = mark
            self.index = index
        }
    }

    /// The days in order, none left out.
    package let days: [Day]
    /// First day of the running billing period, drawn as a line before its bar.
    package let periodStart: ServiceDay?

    package init(days: [Day], periodStart: ServiceDay? = nil) {
        self.days = days
        self.periodStart = periodStart
    }

    /// One `<svg>` element. `width` and `height` are the view box; text is 11 units high, so the picture should be
    /// shown at about its own size.
    package func svg(width: Int, height: Int, id: String) -> String {
        let plot = ChartPlot(width: width, height: height, left: 44, right: 6, top: 10, bottom: 24)
        let largest = days.compactMap { $0.consumption?.wattHours }.max() ?? 0
        let scale = ChartScale(largest: largest, smallestStep: 100, steps: 4, length: plot.plotHeight)
        var svg = plot.opening(label: label, className: "chart day-chart")
        // A hatch by an attribute and not by style: the page's policy allows no inline style.
        svg += """
            <defs><pattern id="\(id)-hatch" width="6" height="6" patternUnits="userSpaceOnUse" \
            patternTransform="rotate(45)"><rect width="6" height="6" class="hatch-ground"/>\
            <rect width="3" height="6" class="hatch-line"/></pattern></defs>
            """
        for (position, day) in days.enumerated() where day.day.weekday >= 6 {
            svg += plot.column(position, of: days.count, className: "weekend")
        }
        for tick in scale.ticks {
            svg += plot.gridLine(at: scale.units(tick), label: VietnameseText.trimmed(kilowattHours: tick))
        }
        for (position, day) in days.enumerated() {
            svg += bar(day, position: position, plot: plot, scale: scale, id: id)
        }
        if let periodStart, let position = days.firstIndex(where: { $0.day == periodStart }), position > 0 {
            svg += plot.mark(before: position, of: days.count, label: "Kỳ mới")
        }
        svg += plot.dateLabels(days.map(\.day))
        return svg + "</svg>"
    }

    private func bar(_ day: Day, position: Int, plot: ChartPlot, scale: ChartScale, id: String) -> String {
        let (left, right) = plot.span(of: position, in: days.count)
        let width = right - left
        let inset = width >= 60 ? width / 8 : width >= 30 ? 2 : 0
        let body: String
        switch (day.consumption, day.mark) {
        case (let consumption?, let mark):
            // A day of no consumption still gets a line: zero is a value.
            let height = max(scale.units(consumption.wattHours), 1)
            let fill = mark == .estimated ? " fill=\"url(#\(id)-hatch)\"" : ""
            body = """
                <rect class="bar \(mark.rawValue)"\(fill) x="\(plot.tenths(left + inset))" \
                y="\(plot.baseline - height)" width="\(plot.tenths(width - 2 * inset))" height="\(height)"/>
                """
        case (nil, .open):
            body = """
                <rect class="open-day" x="\(plot.tenths(left + inset))" y="\(plot.baseline - 2)" \
                width="\(plot.tenths(width - 2 * inset))" height="2"/>
                """
        case (nil, _):
            let middle = plot.tenths((left + right) / 2)
            body = """
                <line class="gap" x1="\(middle)" x2="\(middle)" y1="\(plot.top + 8)" y2="\(plot.baseline)"/>\
                <text class="gap-mark" x="\(middle)" y="\(plot.baseline - 4)" text-anchor="middle">?</text>
                """
        }
        return """
            <g class="day"><title>\(HTMLText.escape(title(day)))</title>\
            <rect class="hit" x="\(plot.tenths(left))" y="\(plot.top)" width="\(plot.tenths(width))" \
            height="\(plot.plotHeight)"/>\(body)</g>
            """
    }

    private func title(_ day: Day) -> String {
        let date = "\(VietnameseText.weekday(day.day)) \(VietnameseText.date(day.day))"
        let index = day.index.map {
            "\nChỉ số 0h: \(VietnameseText.kilowattHours($0.index)) kWh (\(VietnameseText.name($0.quality)))"
        }
        let amount =
            switch (day.consumption, day.mark) {
            case (let consumption?, let mark): "\(VietnameseText.kilowattHours(consumption)) kWh · \(mark.label)"
            case (nil, let mark): mark.label
            }
        return "\(date): \(amount)\(index ?? "\nChỉ số 0h: thiếu")"
    }

    private var label: String {
        guard let first = days.first, let last = days.last else { return "Điện năng ngày: chưa có số liệu" }
        let total = days.compactMap(\.consumption).reduce(Energy.zero, +)
        let missing = days.count { $0.mark == .missing }
        return "Điện năng từng ngày từ \(VietnameseText.date(first.day)) đến \(VietnameseText.date(last.day)): "
            + "tổng \(VietnameseText.kilowattHours(total)) kWh, \(missing) ngày thiếu chỉ số"
    }
}

extension DayChart.Mark {
    /// What a reader sees for it.
    package var label: String {
        switch self {
        case .measured: "đo được"
        case .estimated: "ước tính"
        case .edited: "nhập tay"
        case .missing: "thiếu chỉ số"
        case .open: "chưa kết thúc"
        }
    }

    /// What a day's consumption is worth: as much as the weaker of its two indices.
    package init(opening: IndexQuality?, closing: IndexQuality?) {
        switch (opening, closing) {
        case (nil, _), (_, nil): self = .missing
        case (.estimated?, _), (_, .estimated?): self = .estimated
        case (.edited?, _), (_, .edited?): self = .edited
        default: self = .measured
        }
    }
}

extension VietnameseText {
    /// An axis label: `12,5` for 12,500 Wh, as many decimals as needed.
    static func trimmed(kilowattHours wattHours: Int64) -> String {
        let decimals = wattHours % 1000 == 0 ? 0 : wattHours % 100 == 0 ? 1 : wattHours % 10 == 0 ? 2 : 3
        return VietnameseText.kilowattHours(Energy(wattHours: wattHours), decimals: decimals)
    }
}
