import MeterFleet
import Metering
import Testing

@Suite("A recording")
struct RecordingTests {
    private func parse(_ text: String) throws -> [RecordedSeries] {
        try RecordingFile.parse(Array(text.utf8), file: "series.csv", house: "house")
    }

    private func faults(_ text: String) -> [String] {
        do {
            _ = try parse(text)
            return []
        } catch let error as InputFaults {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private static let daily = """
        customer_id,date,general_kwh,controlled_load_kwh,half_hours_present
        a,2012-02-10,5.692,0.0,32
        a,2012-02-11,0,0.0,48
        a,2012-02-12,0.0,0.0,48
        a,2012-02-14,9.2245,0.0,48
        b,2013-12-31,1.5,0,48
        b,2014-01-01,2.49949999999999999,0,48
        """

    @Test("of days becomes whole watt-hours, and an absent day counts nothing")
    func daily() throws {
        let recordings = try parse(Self.daily)
        #expect(recordings.map(\.household) == ["a", "b"])
        #expect(recordings.map(\.intervalMinutes) == [1440, 1440])
        // 13 February is missing; 9.2245 kWh is 9224.5 Wh, rounded half up; 2.4994999… kWh is 2499.4999… Wh.
        #expect(recordings[0].wattHours == [5692, 0, 0, 0, 9225])
        #expect(recordings[1].wattHours == [1500, 2499])
    }

    @Test("moves the dial by day number, and lets it stand where nothing was recorded")
    func dial() throws {
        let first = try parse(Self.daily)[0]
        let dial = Dial.series(SeriesDial(series: first, firstDay: day("2025-04-20"), startIndex: 1_000_000))
        let table: [(String, hours: Int64, index: Int64)] = [
            ("2025-04-19", 12, 1_000_000),  // before the recording
            ("2025-04-20", 0, 1_000_000),
            ("2025-04-20", 6, 1_001_423),  // a quarter of 5692
            ("2025-04-20", 12, 1_002_846),
            ("2025-04-21", 0, 1_005_692),
            ("2025-04-22", 15, 1_005_692),  // the plateau: two days of 0 kWh
            ("2025-04-23", 23, 1_005_692),  // the missing day
            ("2025-04-24", 0, 1_005_692),
            ("2025-04-24", 8, 1_008_767),  // a third of 9225
            ("2025-04-25", 0, 1_014_917),
            ("2025-12-31", 3, 1_014_917),  // after the recording
        ]
        for (date, hours, index) in table {
            let face = dial.face(at: CivilMoment(day: day(date), microseconds: hours * 3_600_000_000))
            #expect(face[.activeImport].wattHours == index, "\(date) \(hours) h")
            #expect(face[.activeImportT1] == face[.activeImport])
            #expect(face[.activeExport] == .zero)
        }
    }

    @Test("of half hours keeps each half hour's own slope")
    func halfHourly() throws {
        let recordings = try parse(
            """
            customer_id,reading_datetime,general_kwh,controlled_load_kwh
            h,2012-06-01 23:00,0.6,0
            h,2012-06-01 23:30,1.2,0
            h,2012-06-02 00:30,0.001,0
            """)
        #expect(recordings.count == 1)
        #expect(recordings[0].wattHours == Array(repeating: 0, count: 46) + [600, 1200, 0, 1])
        let dial = SeriesDial(series: recordings[0], firstDay: day("2025-04-20"), startIndex: 0)
        let minutes: [(Int64, Int64)] = [(22 * 60, 0), (23 * 60 + 10, 200), (23 * 60 + 30, 600), (23 * 60 + 45, 1200)]
        for (minute, index) in minutes {
            let moment = CivilMoment(day: day("2025-04-20"), microseconds: minute * 60_000_000)
            #expect(dial.face(at: moment)[.activeImport].wattHours == index)
        }
    }

    @Test("of hours is read by their end or their start, as the file counts them")
    func hours() throws {
        let ending = try parse(
            "DateTime,Consumption kWh,Off-peak\n11/25/2011 01:00:00,0.39,1\n11/26/2011 00:00:00,0.5,1\n")
        #expect(ending[0].household == "house")
        #expect(ending[0].wattHours == [390] + Array(repeating: 0, count: 22) + [500])
        let starting = try parse("start,value\n2020-04-01 01:00:00+00:00,0.078\n2020-04-01 02:00:00+00:00,0.092\n")
        #expect(starting[0].wattHours == [0, 78, 92])
        #expect(starting[0].days == 1)
    }

    @Test("with faults names each with its line and what would be right")
    func everyFault() {
        let found = faults(
            """
            customer_id,date,general_kwh
            a,2012-02-30,1
            a,2012-02-10,1.5e3
            ,2012-02-10,1
            a,2012-02-11,-1
            a,2012-02-12
            a,2012-02-13,1
            a,2012-02-13,2
            a,2012-02-14,1.123456789012345678901
            a,2012-02-15,1.
            """)
        let kilowattHours = "must be kWh from 0 to 1000000 as a plain decimal with at most 20 decimals"
        #expect(
            found == [
                "series.csv:2: date \"2012-02-30\": must be a date such as 2012-02-10",
                "series.csv:3: general_kwh \"1.5e3\": \(kilowattHours)",
                "series.csv:4: customer_id: must name the household",
                "series.csv:5: general_kwh \"-1\": \(kilowattHours)",
                "series.csv:6: columns \"2\": at least 3 belong in a row",
                "series.csv:8: date \"2012-02-13\": household a has this interval twice",
                "series.csv:9: general_kwh \"1.123456789012345678901\": \(kilowattHours)",
                "series.csv:10: general_kwh \"1.\": \(kilowattHours)",
            ])
    }

    @Test(
        "that is none is refused",
        arguments: ["", "customer_id,date\na,2012-02-10\n", "customer_id,date,general_kwh\n", "start,value\n\"1\n"])
    func noRecording(text: String) { #expect(!faults(text).isEmpty) }

    @Test("survives its compact form, runs of equal energies and odd names included")
    func compactForm() throws {
        let series = try #require(
            RecordedSeries(household: "a, \"b\"", intervalMinutes: 30, wattHours: [0, 0, 0, 0, 7, 7, 633, 1, 1, 1, 0]))
        let text = RecordedSeriesFile.text([series])
        #expect(text == "household,interval_minutes,wh\n\"a, \"\"b\"\"\",30,0*4 7 7 633 1*3 0\n")
        let read = try RecordedSeriesFile.parse(Array(text.utf8), file: "series.csv")
        #expect(read == ["a, \"b\"": series])
    }

    @Test("in a broken compact form is refused with every fault")
    func brokenCompactForm() {
        let text = "household,interval_minutes,wh\na,31,1\nb,30,1  2\nc,30,1*\nd,30,-1\ne,30,1\ne,30,1\nf,30\n"
        let error = #expect(throws: InputFaults.self) {
            try RecordedSeriesFile.parse(Array(text.utf8), file: "series.csv")
        }
        #expect(error?.faults.map(\.line) == [2, 3, 4, 5, 7, 8])
    }
}
