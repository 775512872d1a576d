import ArgumentParser
import Billing
import Metering
import Modbus
import Store
import VEE

/// `--config FILE`, and what a command makes of it.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("Configuration file (YAML).", valueName: "file"))
    var file: String

    /// Reads configuration, profiles and tariffs; prints every fault of all three and ends with 78.
    func workplace() throws -> Workplace { try Self.workplace(file) }

    static func workplace(_ file: String) throws -> Workplace {
        do {
            return try Workplace(configurationFile: file, processStart: Wall.now())
        } catch let faults as InputFaults {
            throw refuse(faults, code: Exit.configuration)
        }
    }
}

/// Everything that is set before any work begins: configuration, profiles, tariffs, rules, holidays.
struct Workplace: Sendable {
    let configuration: Configuration
    let profiles: ProfileLibrary
    let tariffs: TariffBook
    let rules: RuleBook
    let holidays: HolidayBook

    /// Throws `InputFaults` with the faults of all files together.
    init(configurationFile: String, processStart: Instant) throws {
        var faults: [InputFault] = []
        configuration = try Configuration(file: configurationFile, processStart: processStart, faults: &faults)
        var profiles: ProfileLibrary?
        var tariffs: TariffBook?
        do { profiles = try ProfileLibrary.load(folder: configuration.headEnd.profiles) } catch let found as InputFaults
        {
            faults += found.faults
        }
        do throws(InputFaults) {
            tariffs = try TariffBook.load(
                folder: configuration.billing.tariffs, unverifiedPrices: configuration.billing.usesUnverifiedPrices)
        } catch {
            faults += error.faults
        }
        var rules: RuleBook?
        do throws(InputFaults) { rules = try RuleBook.load(file: configuration.vee.rules) } catch {
            faults += error.faults
        }
        var holidays: HolidayBook?
        do throws(InputFaults) { holidays = try HolidayBook.load(file: configuration.vee.holidays) } catch {
            faults += error.faults
        }
        let chosen = configuration.store.loadProfiles.categories.sorted()
        for category in chosen where tariffs.map({ !$0.categories.contains(category) }) ?? false {
            faults.append(
                InputFault(
                    file: configurationFile, field: "store.load_profile_categories", value: category,
                    remedy: "is no tariff category; known are \((tariffs?.categories ?? []).joined(separator: ", "))"))
        }
        guard let profiles, let tariffs, let rules, let holidays, faults.isEmpty else { throw InputFaults(faults) }
        self.profiles = profiles
        self.tariffs = tariffs
        self.rules = rules
        self.holidays = holidays
    }

    func openStore(_ role: Store.Role) throws -> Store {
        try Store(
            path: configuration.store.path, role: role, calendar: configuration.calendar,
            midnightWindow: configuration.headEnd.midnightWindow,
            limits: profiles.profiles.mapValues(\.ceilingWatts), loadProfiles: configuration.store.loadProfiles,
            estimation: estimation, rateRegisters: configuration.billing.rateRegisters)
    }

    /// How days without an index are told.
    private var estimation: EstimationRules {
        EstimationRules(
            bracketed: configuration.vee.bracketedGaps,
            openDays: configuration.billing.estimatesOpenDays ? configuration.vee.openDays : nil,
            sharePercentMax: configuration.billing.estimatedPercentMax, kinds: DayKinds(holidays: holidays.days))
    }

    /// What judges days and months.
    var judge: ConsumptionJudge {
        ConsumptionJudge(rules: rules, resolutions: profiles.profiles.compactMapValues(\.importResolution))
    }

    /// Says on standard error what works and is seldom meant: for those who set the service up, not for the commands
    /// beside it.
    func warn() {
        for warning in configuration.warnings { complain("warning: \(warning)") }
    }

    /// Civil time now.
    func now() -> Instant { configuration.clock.civil(at: Wall.now()) }
}
