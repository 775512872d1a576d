import Testing

extension EndToEndTests {
    @Suite("meterd registry")
    struct RegistryTests {
        private static let meterColumns =
            "serial,usage_point,gateway,unit,profile,multiplier,digits,installed_on,removed_on,start_index_wh,"
            + "end_index_wh"
        private static let gateways = """
            gateway,host,port,station,district,depth,timeout_ms,pause_ms,transport
            G1,10.0.3.7,502,"Trạm 1, Mường Thanh",PA0901,1,2000,0,tcp
            G2,gw2.example,4196,TBA0002,PA0905,2,1500,20,rtu-over-tcp

            """
        private static let usagePoints = #"""
            usage_point,customer,station,district,category,households,reading_day,voltage
            PA09010000001,"Quán ""Hoa Ban""",TBA0001,PA0901,residential,1,20,0.4kV
            PA09010000002,KH0000002,TBA0001,PA0901,residential_renter,1.5,0,0.4kV

            """#
        private static let meters = """
            \(meterColumns)
            24000001,PA09010000001,G1,1,adl400,1,6,2024-01-01,2025-03-01,0,7654321
            24000009,PA09010000001,G1,1,sdm630,1,6,2025-03-01,,1000,
            24000002,PA09010000002,G2,7,abb-b23,40,5,2025-04-01,,,

            """

        @Test("three files with faults are refused whole: each fault with file and line, exit 65, nothing imported")
        func faults() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try place.write(
                """
                gateway,host,port,station,district,depth,timeout_ms,pause_ms,transport
                G1,127.0.0.1,0,,,,,,tcp
                G1,127.0.0.1,1502,,,99,,,ftp
                """, to: "bad/gateways.csv")
            try place.write(
                """
                usage_point,customer,station,district,category,households,reading_day,voltage
                U1,"K,1",,,residentiel,1,20,
                U2,K2,,,residential,0,40,
                """, to: "bad/usage_points.csv")
            try place.write(
                """
                \(Self.meterColumns)
                S1,U1,G1,300,adl400,0,6,2025-02-30,,,
                S2,U9,G9,2,adl4000,1,6,2025-04-01,2025-03-01,,
                S3,U2,G1,3,adl400,1,6,2025-04-01,,,
                """, to: "bad/meters.csv")
            let refused = try await place.run(.meterd, "registry", "import", "bad", "--config", "meterd.yaml")
            #expect(refused.code == 65)
            #expect(refused.output == "")
            let expected = [
                "gateways.csv:2: port \"0\"", "gateways.csv:3: transport \"ftp\"", "gateways.csv:3: depth \"99\"",
                "gateways.csv:3: gateway \"G1\"", "usage_points.csv:2: category \"residentiel\"",
                "usage_points.csv:3: households \"0\"", "usage_points.csv:3: reading_day \"40\"",
                "meters.csv:2: unit \"300\"", "meters.csv:2: multiplier \"0\"",
                "meters.csv:2: installed_on \"2025-02-30\"", "meters.csv:3: usage_point \"U9\"",
                "meters.csv:3: gateway \"G9\"", "meters.csv:3: profile \"adl4000\"",
                "meters.csv:3: removed_on \"2025-03-01\"",
            ]
            let lines = refused.log.split(separator: "\n")
            for place in expected { #expect(lines.contains { $0.hasPrefix(place) }, "\(place)") }
            #expect(lines.count == expected.count + 1, "\(refused.log)")
            #expect(lines.last == "nothing was imported")
            #expect(try await counts(in: place) == Counts(gateways: 0, meters: 0))
        }

        @Test("a folder that lacks files is refused, and each of those is named")
        func absent() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try place.write(Self.gateways, to: "half/gateways.csv")
            let refused = try await place.run(.meterd, "registry", "import", "half", "--config", "meterd.yaml")
            #expect(refused.code == 65)
            #expect(refused.log.contains("half/usage_points.csv: cannot be read"))
            #expect(refused.log.contains("half/meters.csv: cannot be read"))
        }

        @Test("the same files imported twice change nothing, and export gives them back byte for byte")
        func roundTrip() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try place.write(Self.gateways, to: "registry/gateways.csv")
            try place.write(Self.usagePoints, to: "registry/usage_points.csv")
            try place.write(Self.meters, to: "registry/meters.csv")
            #expect(
                try await place.meterd("registry", "import", "registry")
                    == "gateways: 2 added; usage points: 2 added; meters: 3 added\n")
            #expect(try await counts(in: place) == Counts(gateways: 2, meters: 2))
            #expect(
                try await place.meterd("registry", "import", "registry")
                    == "gateways: 2 unchanged; usage points: 2 unchanged; meters: 3 unchanged\n")
            _ = try await place.meterd("registry", "export", "copy")
            #expect(try place.read("copy/gateways.csv") == Self.gateways)
            #expect(try place.read("copy/usage_points.csv") == Self.usagePoints)
            #expect(try place.read("copy/meters.csv") == Self.meters)
        }

        @Test("contracts are a fourth file that may be left out: then they are over, and an older export of them too")
        func contracts() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            let header = "usage_point,reading_days,three_price,reactive,programmed_on,purposes\n"
            let contracts =
                header + "PA09010000002,10 20 0,no,yes,2025-04-01,business_lt6kv:40 production_lt6kv:60\n"
            try place.write(Self.gateways, to: "registry/gateways.csv")
            try place.write(Self.usagePoints, to: "registry/usage_points.csv")
            try place.write(Self.meters, to: "registry/meters.csv")
            _ = try await place.meterd("registry", "import", "registry")
            _ = try await place.meterd("registry", "export", "copy")
            #expect(throws: (any Error).self) { try place.read("copy/contracts.csv") }

            try place.write(header + "PA09010000002,32,,,,\n", to: "bad/contracts.csv")
            for name in ["gateways", "usage_points", "meters"] {
                try place.write(try place.read("registry/\(name).csv"), to: "bad/\(name).csv")
            }
            let refused = try await place.run(.meterd, "registry", "import", "bad", "--config", "meterd.yaml")
            #expect(refused.code == 65 && refused.log.hasPrefix("contracts.csv:2: reading_days \"32\""))

            try place.write(contracts, to: "registry/contracts.csv")
            #expect(
                try await place.meterd("registry", "import", "registry")
                    == "gateways: 2 unchanged; usage points: 1 changed, 1 unchanged; meters: 3 unchanged\n")
            _ = try await place.meterd("registry", "export", "copy")
            #expect(try place.read("copy/contracts.csv") == contracts)
            try place.write(header, to: "registry/contracts.csv")
            _ = try await place.meterd("registry", "import", "registry")
            _ = try await place.meterd("registry", "export", "copy")
            #expect(try place.read("copy/contracts.csv") == header)
        }

        @Test("a registry that contradicts what is stored is refused, and what was stored stays")
        func contradiction() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try place.write(Self.gateways, to: "registry/gateways.csv")
            try place.write(Self.usagePoints, to: "registry/usage_points.csv")
            try place.write(Self.meters, to: "registry/meters.csv")
            _ = try await place.meterd("registry", "import", "registry")
            // A second meter at a usage point whose meter was not removed.
            let line = "24000777,PA09010000002,G2,8,abb-b23,1,5,2025-05-01,,,\n"
            try place.write(Self.meterColumns + "\n" + line, to: "registry/meters.csv")
            let refused = try await place.run(.meterd, "registry", "import", "registry", "--config", "meterd.yaml")
            #expect(refused.code == 65)
            #expect(refused.log.contains("24000777") && refused.log.contains("removed_on"), "\(refused.log)")
            _ = try await place.meterd("registry", "export", "copy")
            #expect(try place.read("copy/meters.csv") == Self.meters)
        }

        @Test("an export that cannot be written fails in a sentence")
        func exportRefused() async throws {
            let place = try Place()
            defer { place.leave() }
            try place.configure()
            try place.write("a file, no folder", to: "taken")
            let refused = try await place.run(.meterd, "registry", "export", "taken", "--config", "meterd.yaml")
            #expect(refused.code == 1)
            #expect(refused.log.contains("taken") && refused.log.contains("cannot be written"), "\(refused.log)")
            #expect(refused.log.split(separator: "\n").count == 1, "\(refused.log)")
            #expect(try place.read("taken") == "a file, no folder")
        }

        private struct Counts: Equatable {
            let gateways: Int
            /// In service today.
            let meters: Int
        }

        private func counts(in place: Place) async throws -> Counts {
            let status = try JSON.object(try await place.meterd("status", "--format", "json"))
            let gateways = try #require(status["gateways"] as? [String: Any])
            let completeness = try #require(status["completeness"] as? [String: Any])
            return Counts(
                gateways: try #require(gateways["total"] as? Int),
                meters: try #require(completeness["expected"] as? Int))
        }
    }
}
