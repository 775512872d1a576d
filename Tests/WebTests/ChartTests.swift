import Metering
import Testing

@testable import Web

@Suite("Charts")
struct ChartTests {
    private func day(_ iso: String) throws -> ServiceDay { try #require(ServiceDay(iso: iso)) }

    private func index(_ day: ServiceDay, _ quality: IndexQuality) -> DailyIndex {
        DailyIndex(day: day, index: Energy(wattHours: 1_000_000), quality: quality, errorBound: .zero)
    }

    @Test("each day has its mark: missing is a gap, zero is a bar, an open day is neither")
    func marksDays() throws {
        let first = try day("2025-05-09")
        let chart = DayChart(days: [
            .init(day: first, consumption: Energy(wattHours: 6420), mark: .measured, index: index(first, .frozen)),
            .init(day: first + 1, consumption: .zero, mark: .measured, index: index(first + 1, .frozen)),
            .init(
                day: first + 2, consumption: Energy(wattHours: 3000), mark: .estimated,
                index: index(first + 2, .estimated)),
            .init(day: first + 3, consumption: nil, mark: .missing, index: nil),
            .init(day: first + 4, consumption: nil, mark: .open, index: index(first + 4, .frozen)),
        ])
        let svg = chart.svg(width: 400, height: 170, id: "test")
        #expect(svg.components(separatedBy: "class=\"bar measured\"").count == 3)
        #expect(svg.contains("class=\"bar estimated\" fill=\"url(#test-hatch)\""))
        #expect(svg.components(separatedBy: "class=\"gap\"").count == 2)
        #expect(svg.components(separatedBy: "class=\"open-day\"").count == 2)
        // Saturday and Sunday.
        #expect(svg.components(separatedBy: "class=\"weekend\"").count == 3)
        #expect(svg.contains("T6 09/05/2025: 6,42 kWh · đo được\nChỉ số 0h: 1.000,00 kWh (chốt)"))
        #expect(svg.contains("T2 12/05/2025: thiếu chỉ số\nChỉ số 0h: thiếu"))
        #expect(!svg.contains("style="), "the page's policy allows no inline style")
    }

    @Test(
        "a day is worth as much as the weaker of its two indices",
        arguments: [
            (.frozen, .frozen, .measured), (.frozen, .measured, .measured), (.estimated, .frozen, .estimated),
            (.frozen, .estimated, .estimated), (.edited, .frozen, .edited), (.edited, .estimated, .estimated),
            (nil, .frozen, .missing), (.frozen, nil, .missing),
        ] as [(IndexQuality?, IndexQuality?, DayChart.Mark)])
    func weakerIndexDecides(opening: IndexQuality?, closing: IndexQuality?, mark: DayChart.Mark) {
        #expect(DayChart.Mark(opening: opening, closing: closing) == mark)
    }

    @Test("the trend breaks where a day has no count, and its axis starts below the lowest day")
    func breaksTheLine() throws {
        let first = try day("2025-05-01")
        let days = [9990, 9970, 0, 9985, 9999].enumerated().map { offset, valid in
            TrendChart.Day(day: first + offset, valid: valid, expected: valid == 0 ? 0 : 10_000, title: "<\(offset)>")
        }
        let svg = TrendChart(days: days).svg(width: 640, height: 150)
        #expect(svg.components(separatedBy: "<polyline").count == 3)
        #expect(svg.components(separatedBy: "<circle").count == 5)
        #expect(svg.contains(">99 %<"))
        #expect(svg.contains(">100 %<"))
        #expect(svg.contains("<title>&lt;0&gt;</title>"))
    }

    @Test("a chart of no days is still a picture")
    func drawsNothing() {
        #expect(DayChart(days: []).svg(width: 300, height: 100, id: "x").hasSuffix("</svg>"))
        #expect(TrendChart(days: []).svg(width: 300, height: 100).hasSuffix("</svg>"))
    }
}
