import Metering
import Testing
import VEE

@Suite("A dial under load")
struct StandingDialTests {
    private static func at(_ hours: Int64) -> Instant { Instant(seconds: hours * 3600) }

    private static func seen(_ sights: [(hours: Int64, load: Int64, index: Int64)]) -> StandingDial? {
        sights.reduce(nil) { before, sight in
            .seen(after: before, load: sight.load, index: Energy(wattHours: sight.index), at: at(sight.hours))
        }
    }

    @Test("that stands for two days under three sights is a fault")
    func fault() {
        #expect(Self.seen([(0, 300, 5000), (22, 80, 5000)])?.isFault == false)
        let standing = Self.seen([(0, 300, 5000), (22, 80, 5000), (45, 200, 5000)])
        #expect(standing?.isFault == true && standing?.load == 80 && standing?.since == Self.at(0))
    }

    @Test("that has moved begins anew, and so does what is known of it")
    func moved() {
        #expect(Self.seen([(0, 300, 5000), (22, 80, 5000), (45, 200, 5001)])?.sights == 1)
    }

    @Test("handed over again says nothing new, and three sights in one hour are no two days")
    func again() {
        #expect(Self.seen([(0, 300, 5000), (22, 80, 5000), (22, 80, 5000), (0, 300, 5000)])?.sights == 2)
        #expect(Self.seen([(0, 300, 5000), (1, 80, 5000), (2, 200, 5000)])?.isFault == false)
    }
}
