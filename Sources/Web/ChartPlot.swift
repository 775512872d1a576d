import Metering

/// The frame that our charts share: margins, columns, grid lines and dates, in whole units of the view box.
/// Horizontal positions are tenths of a unit, so that 45 columns share 600 units without piling up their rounding.
struct ChartPlot {
    let width: Int
    let height: Int
    let left: Int
    let right: Int
    let top: Int
    let bottom: Int

    var baseline: Int { height - bottom }
    var plotWidth: Int { width - left - right }
    var plotHeight: Int { height - top - bottom }

    func opening(label: String, className: String) -> String {
        """
        <svg class="\(className)" viewBox="0 0 \(width) \(height)" role="img" \
        aria-label="\(HTMLText.escape(label))">
        """
    }

    /// Left and right edge of a column, in tenths.
    func span(of position: Int, in count: Int) -> (left: Int, right: Int) {
        let step = plotWidth * 10
        return (left * 10 + position * step / max(count, 1), left * 10 + (position + 1) * step / max(count, 1))
    }

    /// `431` tenths as `43.1`.
    func tenths(_ value: Int) -> String { value % 10 == 0 ? String(value / 10) : "\(value / 10).\(value % 10)" }

    func column(_ position: Int, of count: Int, className: String) -> String {
        let (start, end) = span(of: position, in: count)
        return """
            <rect class="\(className)" x="\(tenths(start))" y="\(top)" width="\(tenths(end - start))" \
            height="\(plotHeight)"/>
            """
    }

    /// A horizontal line `units` above the baseline with its value beside it.
    func gridLine(at units: Int, label: String) -> String {
        let y = baseline - units
        return """
            <line class="\(units == 0 ? "axis" : "grid")" x1="\(left)" x2="\(width - right)" y1="\(y)" y2="\(y)"/>\
            <text class="tick" x="\(left - 6)" y="\(y + 4)" text-anchor="end">\(HTMLText.escape(label))</text>
            """
    }

    /// A vertical line where a new period begins.
    func mark(before position: Int, of count: Int, label: String) -> String {
        let left = span(of: position, in: count).left
        let x = tenths(left)
        // A label of some 50 units that would leave the picture stands before its line.
        let side = left > width * 10 - 500 ? "dx=\"-4\" text-anchor=\"end\"" : "dx=\"4\""
        return """
            <line class="period" x1="\(x)" x2="\(x)" y1="\(top - 6)" y2="\(baseline)"/>\
            <text class="period-label" x="\(x)" y="\(top)" \(side)>\(HTMLText.escape(label))</text>
            """
    }

    /// `dd/MM` below the axis, as many as fit: the last day always, then every so many days before it.
    func dateLabels(_ days: [ServiceDay]) -> String {
        guard !days.isEmpty else { return "" }
        let every = max(1, (days.count * 44 + plotWidth - 1) / max(plotWidth, 1))
        return days.enumerated().filter { (days.count - 1 - $0.offset) % every == 0 }.map { position, day in
            let (start, end) = span(of: position, in: days.count)
            let date = VietnameseText.shortDate(day)
            // Half a date is 16 units wide; the last one must not leave the picture.
            let middle = min((start + end) / 2, width * 10 - 170)
            return """
                <text class="date" x="\(tenths(middle))" y="\(height - 7)" text-anchor="middle">\(date)</text>
                """
        }.joined()
    }
}
