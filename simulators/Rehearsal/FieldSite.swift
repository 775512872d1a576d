import MeterFleet
import Metering
import Modbus

/// A gateway in the rehearsed field: its wire, the connections to it, and how its network is just now.
struct FieldSite {
    var wire: GatewayWire
    var links: [Link] = []
    var linkCount: UInt64 = 0
    var connectionCount: UInt64 = 0
    var manners: NetworkManners
    /// Between episodes.
    let calm: NetworkManners
    /// What its network draws from. Its own, so that nothing here hangs on the order of events elsewhere.
    var random: SeededRandom
    /// When the wire is woken; an older wake in the queue of events does no harm.
    var wakeAt = Int64.max
    /// The gateway's port is open.
    var isListening = true

    init(_ site: Site, calendar: ServiceCalendar, seed: UInt64) {
        var calm = NetworkManners.calm
        if site.losesBytes { calm.split = 0 }
        self.calm = calm
        manners = calm
        random = SeededRandom(seed: SeededRandom.mixed(seed) ^ site.row.name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        wire = GatewayWire(site.simulated, calendar: calendar, seed: seed)
    }

    /// Nanoseconds that a segment takes now.
    mutating func delay() -> Int64 { random.number(in: manners.delay) * 1000 }

    mutating func happens(_ perMille: Int) -> Bool { random.happens(perMille: perMille) }

    func position(of number: UInt64) -> Int? { links.firstIndex { $0.number == number } }

    /// The link that the gateway knows by this number.
    func number(of connection: ConnectionNumber) -> UInt64? {
        links.first { $0.connection == connection }?.number
    }
}

/// One connection between head-end and gateway, as the network sees it.
struct Link {
    /// In the order in which the head-end began them.
    let number: UInt64
    /// In the order in which they reached the gateway.
    var connection: ConnectionNumber?
    var isOpenAtHeadEnd = true
    var isOpenAtGateway = false
    /// It carries nothing any more, and nobody is told.
    var isCut = false
    /// When the last byte sent so far arrives; nothing overtakes it.
    var arrivalAtGateway: Int64 = 0
    var arrivalAtHeadEnd: Int64 = 0
    /// When bytes last reached the gateway.
    var lastUse: Int64 = 0
    /// What reaches the gateway, cut into requests, and what leaves it, into answers.
    var requests = FrameParser(lengths: 2...254)
    var answers = FrameParser(lengths: 2...254)
    /// Requests that the gateway has received: what each unanswered transaction asked.
    var outstanding: [Outstanding] = []
    /// The last answer ended too early. The next must be whole: two stumps in a row can make a frame that nothing
    /// betrays until it has been believed.
    var hasTruncated = false
    /// An answer that waits for the next one to overtake it.
    var overtaken: [UInt8] = []

    init(number: UInt64) { self.number = number }

    struct Outstanding {
        let transaction: UInt16
        let unit: UInt8
    }

    /// So many of the latest requests are remembered.
    private static let outstandingMax = 64

    mutating func remember(_ header: MBAPHeader) {
        outstanding.append(Outstanding(transaction: header.transaction, unit: header.unit))
        if outstanding.count > Self.outstandingMax { outstanding.removeFirst() }
    }
}
