import Foundation
import Metering
import Modbus
import Testing

@Suite("Profile files")
struct ProfileFileTests {
    static func faults(_ yaml: String) -> [InputFault] {
        do {
            _ = try MeterProfile(yaml: yaml, file: "meter.yaml")
            return []
        } catch let faults as InputFaults {
            return faults.faults
        } catch {
            Issue.record("\(error)")
            return []
        }
    }

    static let head = """
        profile: own
        version: 3
        manufacturer: Acme
        model: M1
        manual: "M1 manual, p. 7"
        evidence: read on one device
        function: 3

        """

    @Test("a minimal file is a profile with defaults")
    func minimal() throws {
        let profile = try MeterProfile(
            yaml: Self.head + "values:\n  import: {address: 0x10, type: u32, scale: 10 Wh}\n", file: "own.yaml")
        #expect(profile.label == "own/3")
        #expect(profile.maxWords == 125)
        #expect(!profile.evenAddresses)
        #expect(profile.ceilingWatts == 75_900)
        #expect(profile.pauseMilliseconds == 0)
        #expect(profile.rolloverWattHours == nil)
        #expect(profile.identity == nil)
        #expect(profile.frozen == nil)
        let value = try #require(profile.values.first)
        #expect(value.encoding.scale == Scale(numerator: 10, denominator: 1))
        #expect(value.encoding.resolution == 10)
        #expect(value.unit == "kWh")
        #expect(value.side == .dial)
    }

    @Test("five faults are five messages, each with its line, key, value and remedy")
    func five() {
        let faults = Self.faults(
            """
            profile: Own Meter
            version: 1
            manufacturer: Acme
            model: M1
            manual: p. 7
            evidence: none
            function: 3
            colour: blue
            values:
              export:    {address: 0x10000, type: u32, scale: 1 Wh}
              import_t1: {address: 0x20, type: u33, scale: 1 Wh}
              import_t2: {address: 0x30, type: u32, scale: 1 kWhr}
            """)
        #expect(
            faults.map { "\($0.file):\($0.line) \($0.field) \($0.value)" } == [
                "meter.yaml:1 profile Own Meter",
                "meter.yaml:8 colour ",
                "meter.yaml:9 values ",
                "meter.yaml:10 values.export.address 0x10000",
                "meter.yaml:11 values.import_t1.type u33",
                "meter.yaml:12 values.import_t2.scale 1 kWhr",
            ])
        #expect(faults.allSatisfy { !$0.remedy.isEmpty })
        #expect(faults[2].remedy.contains("no import register"))
        #expect(faults[4].remedy.contains("u16, i16, u32, i32, u64, i64, f32, f64"))
    }

    static let rest = "  import: {address: 0, type: u32, scale: 1 Wh}\n"
    static let single: [(String, String)] = [
        // what stands under `values:` behind a good import, and what the fault's field is
        ("  export: {address: 1, type: u32, scale: 1 Wh}", "values.export"),  // overlaps import
        ("  export: {address: 65535, type: u32, scale: 1 Wh}", "values.export.address"),
        ("  export: {address: 4, type: u32, scale: 1 varh}", "values.export.scale"),
        ("  reactive_import: {address: 4, type: u32, scale: 1 Wh}", "values.reactive_import.scale"),
        ("  export: {address: 4, type: u32}", "values.export.scale"),
        ("  export: {address: 4, type: u32, scale: 0 Wh}", "values.export.scale"),
        ("  export: {address: 4, type: u32, scale: -1 Wh}", "values.export.scale"),
        ("  export: {address: 4, type: u32, scale: 1e3 Wh}", "values.export.scale"),
        ("  export: {address: 4, type: f32, scale: 1 kWh}", "values.export.resolution"),
        ("  export: {address: 4, type: f32, scale: 1 kWh, resolution: 0.01 kvarh}", "values.export.resolution"),
        ("  export: {address: 4, type: f32, scale: 1 kWh, resolution: 0.0001 kWh}", "values.export.resolution"),
        ("  export: {address: 4, type: ascii, words: 2, scale: 1 kWh}", "values.export.type"),
        ("  export: {address: 4, type: mod10, scale: 1 kWh}", "values.export.words"),
        ("  export: {address: 4, type: u32, words: 4, scale: 1 kWh}", "values.export.words"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, absent: 0xFFFF}", "values.export.absent"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, absent: all}", "values.export.absent"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, order: middle}", "values.export.order"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, side: left}", "values.export.side"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, optional: maybe}", "values.export.optional"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, function: 6}", "values.export.function"),
        ("  export: {address: 4, type: u32, scale: 1 kWh, function: 20}", "values.export.function"),
        ("  export: {adress: 4, address: 4, type: u32, scale: 1 kWh}", "values.export.adress"),
        ("  export: {type: u32, scale: 1 kWh}", "values.export.address"),
        ("  export: 4", "values.export"),
        ("  voltage: {address: 4, type: f32}", "values.voltage.scale"),
        ("  Voltage: {address: 4, type: u16, scale: 1 V}", "values.Voltage"),
        ("max_words: 0", "max_words"),
        ("max_words: 126", "max_words"),
        ("max_words: 1", "values.import"),
        ("even_addresses: true\nidentity:\n  serial: {address: 5, type: u16}", "identity.serial.address"),
        ("rollover_wh: never", "rollover_wh"),
        ("ceiling_w: 0", "ceiling_w"),
        ("pause_ms: soon", "pause_ms"),
        ("absent: 0xFFFF", "absent"),
        ("order: upside-down", "order"),
        ("identity: {}", "identity"),
        ("identity:\n  model: {address: 5, type: u16}", "identity.model.expected"),
        ("identity:\n  model: {address: 5, type: u16, expected: 70000}", "identity.model.expected"),
        ("identity:\n  model: {address: 5, type: ascii, words: 2, expected: B23}", "identity.model.expected"),
        ("identity:\n  serial: {address: 5, type: f32}", "identity.serial.type"),
        (
            "frozen: {base: 0, stride: 1, slots: 2, stamp: start-of-day, stamp_offset: 0, "
                + "values: {import: {offset: 2, type: u32, scale: 1 Wh}}}", "frozen"
        ),
        (
            "frozen: {base: 0, stride: 8, slots: 2, stamp: start-of-day, stamp_offset: 0, "
                + "values: {import: {offset: 2, type: u32, scale: 1 Wh}, export: {offset: 3, type: u32, scale: 1 Wh}}}",
            "frozen"
        ),
        (
            "frozen: {base: 0, stride: 8, slots: 2, stamp: noon, stamp_offset: 0, "
                + "values: {import: {offset: 2, type: u32, scale: 1 Wh}}}", "frozen.stamp"
        ),
        (
            "frozen: {base: 0, stride: 8, slots: 2, stamp: end-of-day, stamp_offset: 0, "
                + "values: {voltage: {offset: 2, type: u32, scale: 1 V}}}", "frozen.values.voltage"
        ),
        ("frozen: {base: 0, stride: 8, slots: 2, stamp: end-of-day, stamp_offset: 0}", "frozen.values"),
        ("  export: {sum: [4, 6], address: 4, type: u32, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: [4], type: u32, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: 4, type: u32, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: [4, x], type: u32, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: [4, 8], type: u32, scale: 1 kWh}", "values.export.sum"),  // a hole between them
        ("  export: {sum: [6, 4], type: u32, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: [65532, 65534], type: u64, scale: 1 kWh}", "values.export.sum"),
        ("  export: {sum: [1, 3], type: u32, scale: 1 kWh}", "values.export"),  // overlaps import
        ("  voltage: {sum: [4, 5], type: u16}", "values.voltage.sum"),
        ("  name: {sum: [4, 5], type: ascii, words: 1}", "values.name.sum"),
        ("identity:\n  serial: {address: 4, sum: [4, 5], type: u16}", "identity.serial.sum"),
        ("identity:\n  block: {address: 4, words: 2}", "identity"),
        ("identity:\n  firmware: {address: 4, type: u16}", "identity"),
        ("identity:\n  firmware: {address: 4, type: f32}\n  serial: {address: 4, type: u16}", "identity.firmware.type"),
        ("identity:\n  block: {address: 4, words: 126}\n  serial: {address: 4, type: u16}", "identity.block.words"),
        ("identity:\n  block: {address: 65535, words: 2}\n  serial: {address: 4, type: u16}", "identity.block.words"),
    ]

    static let clocks: [(String, String)] = [
        ("{address: 4, type: unix-utc}", ""), ("{address: 4, type: unix-utc-64, order: little, optional: true}", ""),
        ("{address: 4, type: byte-words, zone: local}", ""), ("{address: 4, type: datetime, zone: utc}", ""),
        ("{address: 4, type: unix-utc, zone: utc}", "clock.zone"), ("{address: 4, type: datetime}", "clock.zone"),
        ("{address: 4, type: datetime, zone: hanoi}", "clock.zone"), ("{address: 4, type: u32}", "clock.type"),
        ("{type: unix-utc}", "clock.address"), ("{address: 65535, type: unix-utc}", "clock.address"),
        ("{address: 4, type: unix-utc, words: 2}", "clock.words"),
        ("{address: 4, type: unix-utc, function: 20}", "clock.function"),
    ]

    @Test("a clock has an address, a type, and a zone where its type leaves it open", arguments: clocks)
    func clock(_ clock: String, _ field: String) {
        let faults = Self.faults(Self.head + "values:\n" + Self.rest + "clock: " + clock + "\n")
        #expect(faults.map(\.field) == (field.isEmpty ? [] : [field]), "\(faults)")
    }

    static let dailyGood = """
        daily_energy: {file: 90, base: 3, stride: 6, days: 60, stamp: unix-utc, stamp_offset: 0, \
        values: {import: {sum: [2, 4], type: f32, scale: 1 Wh, resolution: 1 Wh}}}
        """
    static let dailySlips: [(String, String, String)] = [
        // what stands in the good one, what instead, and the fault's field
        ("base: 3, ", "", "daily_energy.base"), ("stride: 6, ", "", "daily_energy.stride"),
        ("days: 60, ", "", "daily_energy.days"), ("stamp: unix-utc, ", "", "daily_energy.stamp"),
        ("stamp_offset: 0, ", "", "daily_energy.stamp_offset"),
        ("file: 90", "file: 0", "daily_energy.file"), ("file: 90", "file: 90, function: 3", "daily_energy.function"),
        ("stride: 6", "stride: 5", "daily_energy"), ("days: 60", "days: 1667", "daily_energy"),
        ("base: 3", "base: 9999", "daily_energy.values.import.sum"),
        ("stamp: unix-utc", "stamp: sundial", "daily_energy.stamp"),
        ("stamp_offset: 0", "stamp_offset: 1", "daily_energy"),
        ("days: 60", "days: 60, mirror: 65535", "daily_energy"),
        ("days: 60", "days: 60, slots: 60", "daily_energy.slots"),
        ("import: {sum: [2, 4]", "voltage: {sum: [2, 4]", "daily_energy.values.voltage"),
        ("import: {sum: [2, 4]", "export: {sum: [2, 4]", "daily_energy.values.export"),  // no such dial
        ("resolution: 1 Wh", "resolution: 10 Wh", "daily_energy.values.import"),
        ("resolution: 1 Wh", "resolution: 1 Wh, side: primary", "daily_energy.values.import.side"),
    ]

    @Test("a log of daily energies is read with all its keys, and each slip in it is found", arguments: dailySlips)
    func daily(_ good: String, _ bad: String, _ field: String) {
        let head = Self.head + "values:\n" + Self.rest
        #expect(Self.faults(head + Self.dailyGood + "\n").isEmpty)
        let faults = Self.faults(head + Self.dailyGood.replacingOccurrences(of: good, with: bad) + "\n")
        #expect(faults.map(\.field) == [field], "\(faults)")
    }

    @Test("a log of daily energies needs a dial that counts whole watt-hours on its own side")
    func dailyDial() {
        for line in ["scale: 10 Wh", "scale: 1 Wh, side: primary"] {
            let faults = Self.faults(
                Self.head + "values:\n  import: {address: 0, type: u32, \(line)}\n" + Self.dailyGood + "\n")
            #expect(faults.map(\.field) == ["daily_energy.values.import"], "\(faults)")
        }
    }

    @Test("each single fault is found alone and named by its key", arguments: single)
    func one(_ lines: String, _ field: String) {
        let faults = Self.faults(Self.head + "values:\n" + Self.rest + lines + "\n")
        #expect(faults.map(\.field) == [field], "\(faults)")
        #expect(faults.allSatisfy { $0.line >= 8 && !$0.remedy.isEmpty }, "\(faults)")
    }

    @Test("missing keys are all named")
    func missing() {
        #expect(
            Set(Self.faults("order: big\n").map(\.field))
                == ["profile", "version", "manufacturer", "model", "manual", "evidence", "values"])
    }

    @Test(
        "what is no YAML, empty, doubled or a list is one fault with its place",
        arguments: [
            ("", 0), ("- a\n- b\n", 1), ("profile: x\nprofile: y\n", 1), ("a: [1,\nb: 2\n", 3), ("just text", 1),
        ])
    func noProfile(_ yaml: String, _ line: Int) {
        let faults = Self.faults(yaml)
        #expect(faults.count == 1)
        #expect(faults.first?.line == line, "\(faults)")
    }

    @Test("a folder adds profiles and may replace a built-in one; its faults come all together")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("profiles-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        let good = Self.head + "values:\n" + Self.rest
        try write("own.yaml", good)
        try write("em24.yaml", good.replacingOccurrences(of: "profile: own", with: "profile: em24"))
        try write("notes.txt", "not a profile")
        let library = try ProfileLibrary.load(folder: folder.path)
        #expect(library["own"]?.label == "own/3")
        #expect(library["em24"]?.label == "em24/3", "the folder's own em24")
        #expect(library["sdm630"]?.label == "sdm630/1")
        #expect(library.names.count == 8)

        try write("bad-a.yaml", good.replacingOccurrences(of: "version: 3", with: "version: zero"))
        try write("bad-b.yaml", "values: 3\n")
        try write("twin.yaml", good)
        try Data([0xFF, 0xFE, 0x00]).write(to: folder.appendingPathComponent("latin.yaml"))
        let faults = try #require(throws: InputFaults.self) { try ProfileLibrary.load(folder: folder.path) }.faults
        let files = Set(faults.map { String($0.file.split(separator: "/").last ?? "") })
        #expect(files == ["bad-a.yaml", "bad-b.yaml", "twin.yaml", "latin.yaml"])
    }

    @Test("a folder that is not there is a fault, not an empty library")
    func noFolder() throws {
        let faults = try #require(throws: InputFaults.self) {
            try ProfileLibrary.load(folder: "/nonexistent/profiles")
        }.faults
        #expect(faults.map(\.file) == ["/nonexistent/profiles"])
    }
}
