import Foundation
import HeadEnd
import Metering
import Store
import VEE
import Web

/// What `--config FILE` says (design §6.6). Every key has a default except `store.path`; an unknown key is a fault.
struct Configuration: Sendable {
    struct StoreSection: Sendable {
        var path = ""
        /// How long the words that indices were made from are kept.
        var lineageDays = 400
        /// How long indices are kept; `nil`: for ever.
        var indexMonths: Int?
        var loadProfiles = LoadProfileChoice.nobodys
    }

    struct HeadEndSection: Sendable {
        /// Between two daytime polls of a meter.
        var cadence = Instant.Span.minutes(30)
        /// How far from 00:00 a reading may lie and count as measured there.
        var midnightWindow = Instant.Span.minutes(15)
        var shards = 1
        /// Own meter profiles; they add to the built-in ones. `nil`: none.
        var profiles: String?
        /// How far back the days that meters freeze themselves are fetched.
        var backfillDays = 35
        /// How long after 00:00 a meter is given to freeze its day.
        var freezeDelay = Instant.Span.minutes(1)
        /// What a meter must show of itself before its readings count.
        var identity = ProofPolicy.serial
        /// Gateways that do not echo transaction ids, by name.
        var ignoreTransactions: Set<String> = []
        /// When a day is closed, counted from its 00:00.
        var closeAfter = Instant.Span.hours(6)
    }

    struct VEESection: Sendable {
        /// Own rules for unusual days and months; they take the place of shipped ones of the same name and add to the
        /// others. `nil`: none.
        var rules: String?
        /// A station's loss is told as a part of what came in while no more thousandths of that are estimated.
        var balanceEstimatedMost: Int64 = 50
        /// Own public holidays, over the shipped ones. `nil`: none.
        var holidays: String?
        /// How days between two indices are told.
        var bracketedGaps = EstimationMethod.straightLine
        /// How days after the last index are told.
        var openDays = EstimationMethod.meanOf28Days
    }

    struct BillingSection: Sendable {
        /// Own tariff decisions; they add to the built-in ones. `nil`: none.
        var tariffs: String?
        /// Whether prices are used that are from memory and that nothing which was read bears out.
        var usesUnverifiedPrices = false
        /// Which tariff registers count which rate.
        var rateRegisters = RateRegisters.standard
        /// Whether a bill counts on through days after the last index, with an energy that is projected.
        var estimatesOpenDays = true
        /// A bill with more than so many of 100 days estimated or projected is held up.
        var estimatedPercentMax = EstimationRules.standard.sharePercentMax
    }

    var file: String
    var calendar = ServiceCalendar.vietnam
    var store = StoreSection()
    var headEnd = HeadEndSection()
    var vee = VEESection()
    var billing = BillingSection()
    var listen = ListenAddress(host: "127.0.0.1", port: 8080)
    var clock = ServiceClock.system
    /// What works and is seldom meant; no faults.
    var warnings: [InputFault] = []

    /// Reads a configuration file and checks it whole; what is wrong is added to `faults`, so that profiles and tariffs
    /// can be checked in the same go. Throws `InputFaults` only where the text cannot be taken apart at all.
    init(file: String, processStart: Instant, faults: inout [InputFault]) throws {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw InputFaults([
                InputFault(file: file, field: "", value: "", remedy: "cannot be read; give a readable file to --config")
            ])
        }
        try self.init(
            yaml: String(decoding: bytes, as: UTF8.self), file: file, processStart: processStart, faults: &faults)
    }

    init(yaml: String, file: String, processStart: Instant, faults: inout [InputFault]) throws {
        self.file = file
        var reader = try ConfigurationReader(yaml: yaml, file: file)
        let own = Configuration.self
        if let zone = reader.string("time_zone") {
            if let known = ServiceCalendar(timeZone: zone) {
                calendar = known
            } else {
                reader.fault("time_zone", zone, "is no time zone this system knows, e.g. Asia/Ho_Chi_Minh")
            }
        }
        if let path = reader.string("store.path") {
            store.path = path
            own.checkFolder(of: path, &reader)
        } else if !reader.has("store.path") {
            reader.fault("store.path", "", "is missing: name the database file, e.g. /var/lib/meterd/meterd.sqlite")
        }
        store.lineageDays = reader.integer("store.lineage_days", 40...36_500) ?? store.lineageDays
        store.indexMonths = reader.integer("store.index_months", Store.indexMonths)
        store.loadProfiles = LoadProfileChoice(
            categories: Set(reader.strings("store.load_profile_categories") ?? []),
            usagePoints: Set(reader.strings("store.load_profile_usage_points") ?? []))
        headEnd.cadence = reader.span("head_end.cadence", .minutes(1), .hours(24)) ?? headEnd.cadence
        headEnd.midnightWindow =
            reader.span("head_end.midnight_window", .minutes(1), .hours(6)) ?? headEnd.midnightWindow
        headEnd.shards = reader.integer("head_end.shards", 1...64) ?? headEnd.shards
        headEnd.backfillDays = reader.integer("head_end.backfill_days", 0...400) ?? headEnd.backfillDays
        headEnd.freezeDelay = reader.span("head_end.freeze_delay", .seconds(0), .hours(2)) ?? headEnd.freezeDelay
        headEnd.closeAfter = reader.span("head_end.close_after", .minutes(5), .hours(23)) ?? headEnd.closeAfter
        headEnd.ignoreTransactions = Set(reader.strings("head_end.ignore_transaction_ids") ?? [])
        if let text = reader.string("head_end.identity") {
            if let policy = ProofPolicy(rawValue: text) {
                headEnd.identity = policy
            } else {
                reader.fault("head_end.identity", text, "is not serial, model or off")
            }
        }
        headEnd.profiles = own.folder("head_end.profiles", default: "/etc/meterd/profiles", &reader)
        vee.rules = own.file("vee.rules", default: "/etc/meterd/rules.yaml", &reader)
        if let percent = reader.integer("vee.balance_estimated_percent", 0...100) {
            vee.balanceEstimatedMost = Int64(percent) * 10
        }
        vee.holidays = own.file("vee.holidays", default: "/etc/meterd/holidays.yaml", &reader)
        billing.tariffs = own.folder("billing.tariffs", default: "/etc/meterd/tariffs", &reader)
        vee.bracketedGaps = reader.method("vee.bracketed_gaps", EstimationMethod.bracketed) ?? vee.bracketedGaps
        vee.openDays = reader.method("vee.open_days", EstimationMethod.open) ?? vee.openDays
        billing.usesUnverifiedPrices = reader.flag("billing.unverified_prices") ?? billing.usesUnverifiedPrices
        billing.rateRegisters = own.rateRegisters(&reader) ?? billing.rateRegisters
        billing.estimatesOpenDays = reader.flag("billing.estimate_open_days") ?? billing.estimatesOpenDays
        billing.estimatedPercentMax =
            reader.integer("billing.estimated_percent_max", 0...100) ?? billing.estimatedPercentMax
        if let text = reader.string("web.listen") {
            if let address = ListenAddress(text) {
                listen = address
                if let refusal = WebServer.refusal(of: address) { reader.fault("web.listen", text, refusal) }
            } else {
                reader.fault("web.listen", text, "is not HOST:PORT, e.g. 127.0.0.1:8080")
            }
        }
        if let text = reader.string("clock.simulated") {
            do throws(ServiceClockError) {
                clock = try ServiceClock(simulated: text, processStart: processStart)
                if let anchored = ServiceClock.anchored(text, at: processStart) {
                    reader.warn(
                        "clock.simulated", text,
                        "has no anchor, so it begins anew in each process, and in each command beside the daemon; "
                            + "for one clock that all share write \"\(anchored)\"")
                }
            } catch {
                reader.fault("clock.simulated", text, error.description)
            }
        }
        warnings = reader.warnings
        faults += reader.finish()
    }

    /// `billing.rate_registers: {normal: [import_t1], offpeak: [import_t3], peak: [import_t2]}`; all three or none, no
    /// register twice.
    private static func rateRegisters(_ reader: inout ConfigurationReader) -> RateRegisters? {
        let key = "billing.rate_registers"
        var byRate: [[Register]] = []
        var taken: Set<Register> = []
        for rate in ["normal", "offpeak", "peak"] {
            guard let names = reader.strings("\(key).\(rate)") else { continue }
            var registers: [Register] = []
            for name in names {
                guard let register = Register(name: name), RateRegisters.tariffRegisters.contains(register) else {
                    let known = RateRegisters.tariffRegisters.map(\.name).joined(separator: ", ")
                    reader.fault("\(key).\(rate)", name, "is no tariff register; known are \(known)")
                    continue
                }
                if !taken.insert(register).inserted {
                    reader.fault("\(key).\(rate)", name, "counts one rate only")
                }
                registers.append(register)
            }
            if names.isEmpty { reader.fault("\(key).\(rate)", "", "must name a register at least") }
            byRate.append(registers)
        }
        guard !byRate.isEmpty else { return nil }
        guard byRate.count == 3 else {
            reader.fault(key, "", "must have all of normal, offpeak and peak")
            return nil
        }
        return RateRegisters(normal: byRate[0], offpeak: byRate[1], peak: byRate[2])
    }

    /// The folder the database shall live in must exist and be writable; the file itself may be new.
    private static func checkFolder(of path: String, _ reader: inout ConfigurationReader) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        if !FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) || !isFolder.boolValue {
            reader.fault("store.path", path, "its folder \(folder) does not exist; create it for the service's user")
        } else if !FileManager.default.isWritableFile(atPath: folder) {
            reader.fault("store.path", path, "its folder \(folder) cannot be written; give it to the service's user")
        }
    }

    /// A file that was named must exist; the default one need not.
    private static func file(_ key: String, default path: String, _ reader: inout ConfigurationReader) -> String? {
        let named = reader.string(key)
        let exists = FileManager.default.fileExists(atPath: named ?? path)
        if let named, !exists {
            reader.fault(key, named, "is no file; write it or leave the key out")
            return nil
        }
        return exists ? named ?? path : nil
    }

    /// A folder that was named must exist; the default one need not.
    private static func folder(_ key: String, default path: String, _ reader: inout ConfigurationReader) -> String? {
        let named = reader.string(key)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: named ?? path, isDirectory: &isFolder) && isFolder.boolValue
        if let named, !exists {
            reader.fault(key, named, "is no folder; create it or leave the key out")
            return nil
        }
        return exists ? named ?? path : nil
    }
}
