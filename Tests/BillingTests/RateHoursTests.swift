import Billing
import Metering
import Testing

@Suite("Hours of the rates")
struct RateHoursTests {
    /// `n`ormal, `o`ff-peak or `p`eak for each half hour of a day.
    private func drawn(_ schedule: RateSchedule, _ day: ServiceDay) -> String {
        (0..<48).map { String(schedule.rate(ofHalfHour: $0, on: day).rawValue.prefix(1)) }.joined()
    }

    @Test("today's hours: peak twice a working day, off-peak each night, no peak on Sunday")
    func today() throws {
        let schedule = try #require(try TariffBook.load(folder: nil).hours.schedule(on: day("2026-11-30")))
        #expect(schedule.name == "TT 16/2014/TT-BCT Điều 5.1")
        let night = String(repeating: "o", count: 8)
        let working =
            night + "nnnnnnnnnnn" + "pppp" + "nnnnnnnnnnn" + "pppppp" + "nnnn" + "oooo"
        for count in 0..<6 { #expect(drawn(schedule, day("2026-11-30") + count) == working) }  // Monday to Saturday
        #expect(
            drawn(schedule, day("2026-12-06")) == night + String(repeating: "n", count: 36) + "oooo")
        // A holiday is a day as others.
        #expect(drawn(schedule, day("2027-01-01")) == working)
    }

    static let old = RateSchedule(name: "old", inForceFrom: day("2020-01-01"), peak: [19..<23], offpeak: [44..<48])
    static let new = RateSchedule(name: "new", inForceFrom: day("2027-03-01"), peak: [35..<45], offpeak: [0..<12])

    static let programmed: [(String, String?, String)] = [
        ("2027-02-28", nil, "old"), ("2027-03-01", nil, "new"),
        // Programmed on 20 April: its old hours until then.
        ("2027-03-01", "2027-04-20", "old"), ("2027-04-19", "2027-04-20", "old"), ("2027-04-20", "2027-04-20", "new"),
        // Programmed before, for the hours of then.
        ("2027-03-01", "2020-01-01", "new"), ("2027-03-01", "2027-03-01", "new"), ("2021-01-01", "2027-04-20", "old"),
    ]

    @Test("a meter counts by its old hours until it is programmed", arguments: programmed)
    func programming(on date: String, programmedOn: String?, name: String) {
        let hours = RateHours([Self.new, Self.old])
        #expect(hours.schedule(on: day(date), programmedOn: programmedOn.map(day))?.name == name)
    }

    @Test("no hours are known before the first schedule")
    func before() {
        #expect(RateHours([Self.old]).schedule(on: day("2019-12-31")) == nil)
    }
}
