import Metering
import Modbus
import Testing

@testable import HeadEnd

@Suite("The schedule of one gateway")
struct PollScheduleTests {
    static let calendar = ServiceCalendar.vietnam
    static let noon = calendar.start(of: ServiceDay(iso: "2025-05-09") ?? ServiceDay(number: 0)) + .hours(12)

    static func schedule(_ profile: String, meters: Int, at civil: Instant = noon, through: String? = nil) throws
        -> PollSchedule
    {
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)[profile]))
        let installed = try #require(ServiceDay(iso: "2025-04-01"))
        let plans = (1...meters).map {
            MeterPlan(
                meter: MeterID(Int32($0)), unit: UInt8($0), model: model, installedOn: installed)
        }
        let owed = Dictionary(uniqueKeysWithValues: plans.map { ($0.meter, ConversationHarness.owed(after: through)) })
        return PollSchedule(meters: plans, owed: owed, rhythm: .init(calendar: calendar), at: civil)
    }

    /// Answers everything that comes due until `end`, minute by minute; the jobs with the minute they were given.
    static func run(_ schedule: inout PollSchedule, from start: Instant, to end: Instant) -> [(Instant, PollJob)] {
        var given: [(Instant, PollJob)] = []
        var civil = start
        while civil < end {
            while let job = schedule.next(at: civil) {
                given.append((civil, job))
                schedule.finished(job, .done, at: civil)
            }
            civil = civil + .minutes(1)
        }
        return given
    }

    @Test("each meter is asked once a cadence, spread over it, at the same minutes after a restart")
    func cadence() throws {
        var first = try Self.schedule("sdm630", meters: 100)
        let given = Self.run(&first, from: Self.noon, to: Self.noon + .hours(2))
        // Looked at minute by minute, the polls of the last minute fall outside.
        #expect((390...400).contains(given.count))
        let busiest = Dictionary(grouping: given, by: \.0).values.map(\.count).max() ?? 0
        #expect(busiest < 20, "no stampede: 100 meters over 30 minutes")
        var second = try Self.schedule("sdm630", meters: 100, at: Self.noon + .minutes(61))
        let again = Self.run(&second, from: Self.noon + .minutes(61), to: Self.noon + .hours(2))
        let before = given.filter { $0.0 > Self.noon + .minutes(61) }
        #expect(
            Set(again.map { "\($0.0.seconds) \($0.1.position)" }).isSuperset(
                of: before.map { "\($0.0.seconds) \($0.1.position)" }))
    }

    @Test("while a meter's second try waits or is out, its slots pass by", arguments: [JobResult.done, .failed])
    func slotPassesBy(result: JobResult) throws {
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)["sdm630"]))
        let plan = MeterPlan(
            meter: MeterID(1), unit: 1, model: model, installedOn: try #require(ServiceDay(iso: "2025-04-01")))
        // A cadence shorter than the 10 s until a second try.
        let rhythm = PollSchedule.Rhythm(calendar: Self.calendar, cadence: .seconds(4))
        var schedule = PollSchedule(meters: [plan], rhythm: rhythm, at: Self.noon)
        let given = schedule.next(at: Self.noon + .seconds(4))
        let first = try #require(given)
        schedule.finished(first, .failed, at: Self.noon + .seconds(4))
        #expect(schedule.next(at: Self.noon + .seconds(13)) == nil)
        #expect(schedule.backlog(at: Self.noon + .seconds(13)) == 0)
        let again = schedule.next(at: Self.noon + .seconds(14))
        let second = try #require(again)
        #expect(second.attempt == 1)
        #expect(schedule.next(at: Self.noon + .seconds(19)) == nil, "it is still out")
        schedule.finished(second, result, at: Self.noon + .seconds(19))
        #expect(schedule.next(at: Self.noon + .seconds(23))?.attempt == 0)
    }

    @Test("at midnight every meter without a frozen register is read, before the daytime polls")
    func midnightSweep() throws {
        let midnight = Self.noon + .hours(12)
        var schedule = try Self.schedule("sdm630", meters: 50)
        _ = Self.run(&schedule, from: Self.noon, to: midnight)
        var swept: [PollJob] = []
        while let job = schedule.next(at: midnight) { swept.append(job) }
        #expect(swept.prefix(50).allSatisfy { $0.lane == .midnight })
        #expect(Set(swept.prefix(50).map(\.position)).count == 50)
    }

    @Test("a meter that freezes its days is asked for each of them once")
    func frozenDays() throws {
        var schedule = try Self.schedule("adl400", meters: 3, through: "2025-05-08")
        let given = Self.run(&schedule, from: Self.noon, to: Self.noon + .hours(24 * 5))
        let days = given.compactMap { item -> String? in
            if case .frozen(let day) = item.1.task { "\(item.1.position) \(day)" } else { nil }
        }
        #expect(days.count == 18, "2025-05-09 to 2025-05-14")
        #expect(Set(days).count == 18)
    }

    @Test("days missed while nobody asked are owed, and all fetched")
    func owedDays() throws {
        var schedule = try Self.schedule("adl400", meters: 1, through: "2025-05-08")
        let later = Self.noon + .hours(24 * 10)
        let given = Self.run(&schedule, from: later, to: later + .hours(1))
        let days = Set(
            given.compactMap { item -> ServiceDay? in if case .frozen(let day) = item.1.task { day } else { nil } })
        #expect(days.count == 11, "2025-05-09 to 2025-05-19")
    }

    @Test("a meter that fails is given three tries a slot and then rests for a cadence; its day stays owed")
    func failingMeter() throws {
        var schedule = try Self.schedule("adl400", meters: 1, through: "2025-05-08")
        var civil = Self.noon
        var tries: [Instant] = []
        while civil < Self.noon + .hours(3) {
            while let job = schedule.next(at: civil) {
                var result = JobResult.done
                if case .frozen = job.task {
                    tries.append(civil)
                    result = .failed
                }
                schedule.finished(job, result, at: civil)
            }
            civil = civil + .seconds(10)
        }
        #expect((15...18).contains(tries.count), "three tries each half hour, \(tries.count) in three hours")
        let recovered = Self.run(&schedule, from: civil, to: civil + .hours(1))
        #expect(recovered.contains { $0.1.task == .frozen(ServiceDay(iso: "2025-05-09") ?? ServiceDay(number: 0)) })
    }

    @Test("no meter is asked before it was installed or after it was removed")
    func outOfService() throws {
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)["adl400"]))
        let day = try #require(ServiceDay(iso: "2025-05-11"))
        let plan = MeterPlan(meter: MeterID(1), unit: 1, model: model, installedOn: day, removedOn: day + 2)
        var schedule = PollSchedule(meters: [plan], rhythm: .init(calendar: Self.calendar), at: Self.noon)
        let given = Self.run(&schedule, from: Self.noon, to: Self.noon + .hours(24 * 6))
        #expect(!given.isEmpty)
        for (civil, job) in given {
            #expect((day..<day + 2).contains(Self.calendar.day(at: civil)))
            if case .frozen(let asked) = job.task { #expect((day..<day + 2).contains(asked)) }
        }
    }

    @Test("nothing is fetched for a meter that was removed: its successor's records are not its days")
    func removedMeterOwesNothing() throws {
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)["adl400"]))
        let day = try #require(ServiceDay(iso: "2025-05-09"))
        let plan = MeterPlan(
            meter: MeterID(1), unit: 1, model: model, installedOn: day - 30, removedOn: day.next)
        let afterRemoval = Self.calendar.start(of: day.next) + .minutes(30)
        var schedule = PollSchedule(
            meters: [plan], owed: [plan.meter: [day - 2, day - 1, day]], rhythm: .init(calendar: Self.calendar),
            at: afterRemoval)
        #expect(Self.run(&schedule, from: afterRemoval, to: afterRemoval + .hours(48)).isEmpty)
    }

    @Test("a clock put back by hours stops nobody: slots go on, and the true midnight is swept")
    func clockPutBack() throws {
        var schedule = try Self.schedule("sdm630", meters: 10)
        let later = Self.noon + .hours(13)
        _ = Self.run(&schedule, from: Self.noon, to: later)
        let corrected = Self.noon + .hours(7)
        let again = Self.run(&schedule, from: corrected, to: corrected + .hours(6))
        #expect(again.filter { $0.1.lane == .daytime }.count >= 100, "ten meters, two slots an hour")
        let midnight = Self.noon + .hours(12)
        #expect(Set(again.filter { $0.1.lane == .midnight && $0.0 >= midnight }.map(\.1.position)).count == 10)
    }

    @Test("a day's record that nobody had yet is asked for all the same after the clock is put back within that day")
    func clockPutBackAfterMidnight() throws {
        var schedule = try Self.schedule("adl400", meters: 3)
        let midnight = Self.noon + .hours(12)
        _ = Self.run(&schedule, from: Self.noon, to: midnight)
        let asked = schedule.next(at: midnight + .minutes(10))
        #expect(asked != nil, "the others wait")
        let given = Self.run(&schedule, from: midnight + .minutes(5), to: midnight + .hours(1))
        let today = Self.calendar.day(at: midnight)
        let days = given.compactMap { _, job in if case .frozen(let day) = job.task { (job.position, day) } else { nil }
        }
        #expect(Set(days.filter { $0.1 == today }.map(\.0)).count >= 2, "\(days)")
    }

    @Test("a job under way while the clock is put back is not planned twice")
    func clockPutBackUnderWay() throws {
        var schedule = try Self.schedule("sdm630", meters: 1)
        let first = schedule.next(at: Self.noon + .hours(1))
        let job = try #require(first)
        #expect(schedule.next(at: Self.noon - .hours(3)) == nil)
        schedule.finished(job, .done, at: Self.noon - .hours(3))
        let given = Self.run(&schedule, from: Self.noon - .hours(3), to: Self.noon)
        #expect(given.count == 6, "one poll a cadence: \(given.count)")
    }

    @Test("a clock put forward by years owes no more days than the meter keeps")
    func clockPutForward() throws {
        var schedule = try Self.schedule("adl400", meters: 1, through: "2025-05-08")
        let later = Self.noon + .hours(24 * 3650)
        let given = Self.run(&schedule, from: later, to: later + .minutes(30))
        let days = given.count { if case .frozen = $0.1.task { true } else { false } }
        #expect(days == 90)
    }

    @Test("a register that the meter does not have does not hide the ones behind it")
    func blocksBehindARefusal() throws {
        let model = try #require(try ProfileLibrary.load(folder: nil)["em24"])
        let blocks = model.livePlan.blocks.count
        try #require(blocks >= 3)
        var schedule = try Self.schedule("em24", meters: 1)
        let civil = Self.noon + .minutes(31)
        var asked: [Int] = []
        while let job = schedule.next(at: civil) {
            if case .live(let block) = job.task { asked.append(Int(block)) }
            schedule.finished(job, .notThere, at: civil)
        }
        #expect(asked == Array(0..<blocks))
    }
}
