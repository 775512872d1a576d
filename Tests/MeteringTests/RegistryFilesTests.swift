import Metering
import Testing

@Suite("Registry files")
struct RegistryFilesTests {
    private static let gateways = """
        gateway,host,port,station,district,depth,timeout_ms,pause_ms,transport
        G1,10.0.0.1,,T1,PA0901,,,,
        G2,/dev/ttyS0:9600:8N1,,,,2,900,20,rtu

        """
    private static let usagePoints = """
        usage_point,customer,station,district,category,households,reading_day,voltage
        P1,"Trần ""Bình"", 12",T1,PA0901,,,,
        P2,C2,,,residential_shared,1.75,27,0.4

        """
    private static let meters = """
        serial,usage_point,gateway,unit,profile,multiplier,digits,installed_on,removed_on,start_index_wh,end_index_wh
        S1,P1,G1,1,sdm630,,,2025-05-01,2025-05-10,,5000
        S3,P1,G1,1,sdm630,40,6,2025-05-10,,100,
        S2,P2,G2,247,adl400,1,0,2025-05-01,,,

        """

    private static func parse(
        gateways: String = gateways, usagePoints: String = usagePoints, meters: String = meters
    ) throws -> Registry {
        try RegistryFiles.parse(
            gateways: Array(gateways.utf8), usagePoints: Array(usagePoints.utf8), meters: Array(meters.utf8),
            profiles: ["sdm630", "adl400"], categories: ["residential", "residential_shared"])
    }

    @Test("a station's own meter has a category of its own, beside those of the tariffs")
    func stations() throws {
        let registry = try Self.parse(usagePoints: Self.usagePoints + "P3,,T1,PA0901,transformer,,,\n")
        #expect(registry.usagePoints.last?.category == UsagePoint.stationCategory)
    }

    private static func day(_ text: String) throws -> ServiceDay { try #require(ServiceDay(iso: text)) }

    @Test("empty fields take their defaults, given ones are taken as they are")
    func values() throws {
        let registry = try Self.parse()
        #expect(
            registry.gateways == [
                Gateway(name: "G1", host: "10.0.0.1", station: "T1", district: "PA0901"),
                Gateway(
                    name: "G2", host: "/dev/ttyS0:9600:8N1", depth: 2, timeoutMilliseconds: 900, pauseMilliseconds: 20,
                    transport: .rtu),
            ])
        #expect(
            registry.usagePoints == [
                UsagePoint(name: "P1", customer: "Trần \"Bình\", 12", station: "T1", district: "PA0901"),
                UsagePoint(
                    name: "P2", customer: "C2", category: "residential_shared", householdHundredths: 175,
                    readingDay: 27, voltage: "0.4"),
            ])
        #expect(
            registry.installations[1]
                == MeterInstallation(
                    serial: "S3", usagePoint: "P1", gateway: "G1", unit: 1, profile: "sdm630", multiplier: 40,
                    digits: 6, installedOn: try Self.day("2025-05-10"), startIndex: Energy(wattHours: 100)))
        #expect(registry.installations[0].endIndex == Energy(wattHours: 5000))
    }

    @Test("a meter goes on in a second row from the day on which its first ends, as after a reset")
    func secondRow() throws {
        let registry = try Self.parse(
            meters: """
                serial,usage_point,gateway,unit,profile,multiplier,installed_on,removed_on,start_index_wh,end_index_wh
                S1,P1,G1,1,sdm630,1,2025-05-01,2025-05-10,,5000
                S1,P1,G1,1,sdm630,40,2025-05-10,,5000,

                """)
        #expect(registry.installations.map(\.serial) == ["S1", "S1"])
        #expect(registry.installations.map(\.multiplier) == [1, 40])
        let stays = registry.installations.map(\.stay)
        #expect(stays[0].endIndex == stays[1].startIndex && stays[0].removedOn == stays[1].installedOn)
    }

    @Test("what is written is read back unchanged")
    func roundTrip() throws {
        let registry = try Self.parse()
        let files = RegistryFiles.csv(registry)
        #expect(
            try Self.parse(gateways: files.gateways, usagePoints: files.usagePoints, meters: files.meters) == registry)
        #expect(files.gateways.hasPrefix("gateway,host,port,station,district,depth,timeout_ms,pause_ms,transport\n"))
        #expect(files.usagePoints.contains(",1.75,27,0.4\n"))
    }

    @Test("columns may stand in any order and optional ones may be left out; CRLF and a byte order mark do no harm")
    func shapes() throws {
        let registry = try Self.parse(
            gateways: "\u{FEFF}host,gateway\r\n10.0.0.1,G1\r\n", usagePoints: "category,customer,usage_point\n,C,P1\n",
            meters: "installed_on,profile,unit,gateway,usage_point,serial\n2025-05-01,sdm630,1,G1,P1,S1\n")
        #expect(registry.gateways == [Gateway(name: "G1", host: "10.0.0.1")])
        #expect(registry.installations.map(\.serial) == ["S1"])
    }

    /// Which file gets which further row, and the fault it must give: line, field and part of the remedy.
    private static let faulty: [(file: String, row: String, field: String, remedy: String)] = [
        ("gateways.csv", ",h,,,,,,,", "gateway", "must not be empty"),
        ("gateways.csv", "G3,,,,,,,,", "host", "must not be empty"),
        ("gateways.csv", "G3,a b,,,,,,,", "host", "without spaces"),
        ("gateways.csv", "G3,h,0,,,,,,", "port", "1 to 65535"),
        ("gateways.csv", "G3,h,65536,,,,,,", "port", "1 to 65535"),
        ("gateways.csv", "G3,h,+502,,,,,,", "port", "whole number"),
        ("gateways.csv", "G3,h,,,,0,,,", "depth", "1 to 16"),
        ("gateways.csv", "G3,h,,,,17,,,", "depth", "1 to 16"),
        ("gateways.csv", "G3,h,,,,,0,,", "timeout_ms", "1 to 600000"),
        ("gateways.csv", "G3,h,,,,,,-1,", "pause_ms", "0 to 60000"),
        ("gateways.csv", "G3,h,,,,,,,udp", "transport", "tcp, rtu-over-tcp, rtu"),
        ("gateways.csv", "G3,10.0.0.9,,,,,,,rtu", "host", "serial line"),
        ("gateways.csv", "G1,h,,,,,,,", "gateway", "given before"),
        ("gateways.csv", "G3,10.0.0.1,502,,,,,,", "host", "endpoint of gateway G1"),
        ("gateways.csv", "G3,/dev/ttyS0:9600:8N1,,,,,,,rtu", "host", "endpoint of gateway G2"),
        ("gateways.csv", "G3,h", "", "has 2 fields, the header has 9"),
        ("usage_points.csv", ",C,,,,,,", "usage_point", "must not be empty"),
        ("usage_points.csv", "P1,C,,,,,,", "usage_point", "given before"),
        ("usage_points.csv", "P3,C,,,palace,,,", "category", "known are residential, residential_shared"),
        ("usage_points.csv", "P3,C,,PA0901,transformer,,,", "station", "a station's own meter needs its station"),
        ("usage_points.csv", "P3,C,,,,0,,", "households", "decimal"),
        ("usage_points.csv", "P3,C,,,,1.234,,", "households", "two places"),
        ("usage_points.csv", "P3,C,,,,\"1,5\",,", "households", "decimal"),
        ("usage_points.csv", "P3,C,,,,,28,", "reading_day", "0 to 27"),
        ("meters.csv", ",P2,G1,9,sdm630,,,2024-05-01,2024-06-01,,", "serial", "must not be empty"),
        ("meters.csv", "S9,P9,G1,9,sdm630,,,2025-05-01,,,", "usage_point", "not in usage_points.csv"),
        ("meters.csv", "S9,P2,G9,9,sdm630,,,2024-05-01,2024-06-01,,", "gateway", "not in gateways.csv"),
        ("meters.csv", "S9,P2,G1,248,sdm630,,,2024-05-01,2024-06-01,,", "unit", "0 to 247"),
        ("meters.csv", "S9,P2,G1,,sdm630,,,2024-05-01,2024-06-01,,", "unit", "0 to 247"),
        ("meters.csv", "S9,P2,G1,9,xyz,,,2024-05-01,2024-06-01,,", "profile", "known are adl400, sdm630"),
        ("meters.csv", "S9,P2,G1,9,sdm630,0,,2024-05-01,2024-06-01,,", "multiplier", "1 to"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,13,2024-05-01,2024-06-01,,", "digits", "0 to 12"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,,2024-02-30,2024-06-01,,", "installed_on", "YYYY-MM-DD"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,,,2024-06-01,,", "installed_on", "YYYY-MM-DD"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,,2024-05-01,2024-05-01,,", "removed_on", "later than installed_on"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,,2024-05-01,2024-06-01,-5,", "start_index_wh", "whole number"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,,2024-05-01,2024-06-01,,1.5", "end_index_wh", "whole number"),
        ("meters.csv", "S9,P2,G1,9,sdm630,,6,2024-05-01,2024-06-01,1000000000,", "start_index_wh", "of 6 digits"),
        ("meters.csv", "S9,P1,G1,9,sdm630,,,2024-05-01,2025-05-01,,,", "", "has 12 fields, the header has 11"),
        ("meters.csv", "S9,P1,G1,9,sdm630,,,2025-05-09,2025-05-11,,", "usage_point", "meter S1 (line 2)"),
        ("meters.csv", "S9,P2,G1,1,sdm630,,,2024-05-01,2024-06-01,,", "", ""),
    ]

    @Test("a fault is named with its file, line, field and what would be right", arguments: faulty.indices)
    func fault(_ position: Int) throws {
        let (file, row, field, remedy) = Self.faulty[position]
        func with(_ name: String, _ text: String) -> String { file == name ? text + row + "\n" : text }
        let parse = {
            try Self.parse(
                gateways: with("gateways.csv", Self.gateways), usagePoints: with("usage_points.csv", Self.usagePoints),
                meters: with("meters.csv", Self.meters))
        }
        // The last row of the table is right: it shows that the others fail for their own reason.
        guard !remedy.isEmpty else {
            #expect(try parse().installations.count == 4)
            return
        }
        let faults = try #require(#expect(throws: InputFaults.self) { try parse() }).faults
        let line = file == "meters.csv" ? 5 : 4
        // A meter that comes between two others is in the way of both; of each the first fault counts here.
        let first = try #require(faults.first)
        #expect(first.file == file && first.line >= line - 2 && first.field == field, "\(first)")
        #expect(first.remedy.contains(remedy), "\(first)")
        #expect(faults.count <= 2)
        if remedy != "meter S1 (line 2)" { #expect(faults.count == 1 && first.line == line, "\(faults)") }
    }

    @Test("end index without a date of removal is a fault")
    func endWithoutRemoval() throws {
        let meters = Self.meters + "S9,P2,G1,9,sdm630,,,2024-05-01,,,5\n"
        let faults = try #require(#expect(throws: InputFaults.self) { try Self.parse(meters: meters) }).faults
        #expect(faults.contains { $0.field == "end_index_wh" && $0.remedy.contains("removed_on") })
    }

    @Test("two meters behind one unit at the same time are named with both lines")
    func sameUnit() throws {
        let meters = Self.meters + "S9,P2,G1,1,sdm630,,,2024-05-01,2025-05-02,,\n"
        let faults = try #require(
            #expect(throws: InputFaults.self) { try Self.parse(meters: meters) }
        ).faults
        #expect(
            faults.contains {
                $0.field == "unit" && $0.value == "G1 unit 1" && $0.line == 2 && $0.remedy.contains("S9 (line 5)")
            }, "\(faults)")
    }

    @Test("one meter in service at two usage points at the same time is named with both lines")
    func doubledSerial() throws {
        let usagePoints = Self.usagePoints + "P3,C3,,,,,,\n"
        let faults = try #require(throws: InputFaults.self) {
            try Self.parse(
                usagePoints: usagePoints, meters: Self.meters + "S2,P3,G1,9,sdm630,,,2025-06-01,,,\n")
        }.faults
        #expect(faults.map(\.field) == ["serial"])
        #expect(faults.first?.line == 5)
        #expect(faults.first?.remedy.contains("meter S2 (line 4)") == true)
    }

    @Test("all faults of all files come together")
    func together() throws {
        let error = #expect(throws: InputFaults.self) {
            try Self.parse(
                gateways: Self.gateways + "G3,h,0,,,17,,,\n", usagePoints: Self.usagePoints + "P3,C,,,palace,0,,\n",
                meters: Self.meters + "S9,P9,G9,9,xyz,,,2024-05-01,,,\n")
        }
        #expect(
            try #require(error).faults.map(\.field) == [
                "port", "depth", "category", "households", "usage_point", "gateway", "profile",
            ])
    }

    @Test("a header with unknown, doubled or missing columns is named column by column")
    func header() throws {
        let error = #expect(throws: InputFaults.self) {
            try Self.parse(gateways: "gateway,colour,gateway\nG1,red,G1\n", usagePoints: "", meters: Self.meters)
        }
        let faults = try #require(error).faults
        let gatewayFaults = faults.filter { $0.file == "gateways.csv" }
        #expect(gatewayFaults.map(\.field) == ["colour", "gateway", "host"])
        #expect(faults.contains { $0.file == "usage_points.csv" && $0.remedy.contains("is empty") })
    }

    @Test("text that is not UTF-8 and quotes that do not close are named by line")
    func unreadable() throws {
        let error = #expect(throws: InputFaults.self) {
            try RegistryFiles.parse(
                gateways: Array("gateway,host\nG1,".utf8) + [0xFF, 0x0A], usagePoints: Array("usage_point\n\"P1".utf8),
                meters: Array(Self.meters.utf8), profiles: [], categories: [])
        }
        let faults = try #require(error).faults
        #expect(faults.contains { $0.file == "gateways.csv" && $0.line == 2 && $0.remedy.contains("UTF-8") })
        #expect(faults.contains { $0.file == "usage_points.csv" })
    }

    @Test("beyond a thousand, faults are only counted")
    func manyFaults() throws {
        let rows = String(repeating: "G1,h,,,,0,,,\n", count: 1500)
        let error = #expect(throws: InputFaults.self) { try Self.parse(gateways: Self.gateways + rows) }
        let faults = try #require(error).faults
        #expect(faults.count == 1001)
        #expect(faults.last?.remedy.contains("2000 more") == true)
    }

    // MARK: - Contracts

    private static let contractHeader = "usage_point,reading_days,three_price,reactive,programmed_on,purposes\n"

    private static func parse(contracts: String) throws -> Registry {
        try RegistryFiles.parse(
            gateways: Array(gateways.utf8), usagePoints: Array(usagePoints.utf8), meters: Array(meters.utf8),
            contracts: Array(contracts.utf8), profiles: ["sdm630", "adl400"],
            categories: ["residential", "residential_shared", "business_lt6kv", "production_lt6kv"])
    }

    @Test("a usage point without a row, and a row of empty fields, have the default contract")
    func defaultContracts() throws {
        #expect(try Self.parse().usagePoints.map(\.contract) == [.standard, .standard])
        let registry = try Self.parse(contracts: Self.contractHeader + "P2,,,,,\n")
        #expect(registry == (try Self.parse()))
        #expect(registry.usagePoints.map(\.readingDays.days) == [[0], [27]])
        #expect(RegistryFiles.csv(registry).contracts == nil)
    }

    @Test("a contract is read as it stands and written back the same")
    func contracts() throws {
        let row = "P2,10 20 0,peak,yes,2026-09-01,business_lt6kv:40 production_lt6kv:60\n"
        let registry = try Self.parse(contracts: Self.contractHeader + row)
        #expect(
            registry.usagePoints[1].contract
                == Contract(
                    readingDays: ReadingDays([0, 10, 20]), threePrice: .peak, isChargedForReactive: true,
                    programmedOn: try Self.day("2026-09-01"),
                    shares: [
                        PurposeShare(category: "business_lt6kv", percent: 40),
                        PurposeShare(category: "production_lt6kv", percent: 60),
                    ]))
        #expect(registry.usagePoints[1].readingDays.days == [10, 20, 0])
        let written = try #require(RegistryFiles.csv(registry).contracts)
        #expect(written == Self.contractHeader + row)
        #expect(
            try Self.parse(contracts: "usage_point,reading_days\nP1,0 10\n").usagePoints[0].readingDays.days == [10, 0])
    }

    /// A row of contracts.csv, the fields that are at fault and part of the first remedy.
    private static let faultyContracts: [(row: String, fields: [String], remedy: String)] = [
        (",,,,,", ["usage_point"], "must not be empty"),
        ("P1,,,,,", ["usage_point"], "given before"),
        ("P9,,,,,", ["usage_point"], "not in usage_points.csv"),
        ("P2,28,,,,", ["reading_days"], "1 to 27 or 0"),
        ("P2,5 10 15 20,,,,", ["reading_days"], "one to three"),
        ("P2,5 5,,,,", ["reading_days"], "different"),
        ("P2,+5,,,,", ["reading_days"], "as 10 20 0"),
        ("P2,\" \",,,,", ["reading_days"], "one to three"),
        ("P2,,maybe,,,", ["three_price"], "yes, no, peak"),
        ("P2,,,1,,", ["reactive"], "yes, no"),
        ("P2,,,,2026-02-30,", ["programmed_on"], "YYYY-MM-DD"),
        ("P2,,,,,business_lt6kv:100", ["purposes"], "two or more"),
        ("P2,,,,,business_lt6kv:40 production_lt6kv:61", ["purposes"], "add up to 100"),
        ("P2,,,,,business_lt6kv:40 business_lt6kv:60", ["purposes"], "two or more"),
        ("P2,,,,,business_lt6kv:0 production_lt6kv:100", ["purposes"], "whole per cents"),
        ("P2,,,,,business_lt6kv:40.5 production_lt6kv:59.5", ["purposes"], "whole per cents"),
        ("P2,,,,,castle:40 production_lt6kv:60", ["purposes"], "names castle"),
        ("P2,99,?,?,?,?", ["reading_days", "three_price", "reactive", "programmed_on", "purposes"], "one to three"),
    ]

    @Test("a fault of a contract is named with its line and field, all at once", arguments: faultyContracts.indices)
    func contractFault(_ position: Int) throws {
        let (row, fields, remedy) = Self.faultyContracts[position]
        let faults = try #require(
            #expect(throws: InputFaults.self) {
                try Self.parse(contracts: Self.contractHeader + "P1,,,,,\n" + row + "\n")
            }
        ).faults
        #expect(faults.allSatisfy { $0.file == "contracts.csv" && $0.line == 3 }, "\(faults)")
        #expect(faults.map(\.field).sorted() == fields.sorted())
        #expect(faults.contains { $0.remedy.contains(remedy) }, "\(faults)")
    }

    @Test("a station's own meter has no contract")
    func stationContract() throws {
        let faults = try #require(
            #expect(throws: InputFaults.self) {
                try RegistryFiles.parse(
                    gateways: Array(Self.gateways.utf8),
                    usagePoints: Array((Self.usagePoints + "P3,,T1,PA0901,transformer,,,\n").utf8),
                    meters: Array(Self.meters.utf8), contracts: Array((Self.contractHeader + "P3,,,yes,,\n").utf8),
                    profiles: ["sdm630", "adl400"], categories: ["residential", "residential_shared"])
            }
        ).faults
        #expect(faults.map(\.field) == ["usage_point"] && faults[0].remedy.contains("no bill"))
    }
}
