import HeadEnd
import MeterFleet
import Metering

/// The network: bytes take time, arrive in pieces, in order within a connection; connections fail in all known ways.
extension Rehearsal {
    // MARK: - From the head-end

    func connect(_ site: Int) {
        field[site].linkCount += 1
        let number = field[site].linkCount
        lines[site].link = number
        lines[site].isConnected = false
        var link = Link(number: number)
        let manners = field[site].manners
        var delay = field[site].delay()
        switch manners.reach {
        case .refused:
            field[site].links.append(link)
            return add(.reachesHeadEnd(site: site, link: number, .refusal), at: now + delay)
        case .blackHole:
            link.isCut = true
            field[site].links.append(link)
            return
        case .open: break
        }
        if field[site].happens(manners.slowConnects) { delay += field[site].random.number(in: 300...5000) * 1_000_000 }
        link.arrivalAtGateway = now + delay
        field[site].links.append(link)
        add(.reachesGateway(site: site, link: number, .connection), at: now + delay)
    }

    func send(_ bytes: [UInt8], toGatewayOf site: Int) {
        guard let number = lines[site].link, let position = field[site].position(of: number) else { return }
        let manners = field[site].manners
        guard !field[site].links[position].isCut, manners.reach == .open else { return }
        if breaks(manners, site, number) { return }
        let bytes = manners.crossed + manners.lostRequests > 0 ? mistaken(bytes, manners, site) : bytes
        for piece in pieces(bytes, site) {
            let at = max(
                field[site].links[position].arrivalAtGateway, now + field[site].delay())
            field[site].links[position].arrivalAtGateway = at
            add(.reachesGateway(site: site, link: number, .bytes(piece)), at: at)
        }
    }

    /// The head-end, or the system after its death, has closed its side.
    func closeFromHeadEnd(_ site: Int, _ number: UInt64, silently: Bool = false) {
        guard let position = field[site].position(of: number) else { return }
        field[site].links[position].isOpenAtHeadEnd = false
        if silently { field[site].links[position].isCut = true }
        guard field[site].links[position].isOpenAtGateway || !field[site].links[position].isCut else {
            return forgetIfOver(site, number)
        }
        // What nobody tells the gateway it finds out by itself after a while.
        let delay =
            field[site].links[position].isCut
            ? field[site].random.number(in: 60...7200) * 1_000_000_000 : field[site].delay()
        let at = max(field[site].links[position].arrivalAtGateway, now + delay)
        add(.reachesGateway(site: site, link: number, .end(isReset: false)), at: at)
    }

    // MARK: - From the gateway

    /// Bytes on their way to the head-end.
    func deliver(_ bytes: [UInt8], _ site: Int, _ number: UInt64) {
        guard let position = field[site].position(of: number), !bytes.isEmpty else { return }
        let manners = field[site].manners
        guard !field[site].links[position].isCut, manners.reach == .open else { return }
        for piece in pieces(bytes, site) {
            let at = max(
                field[site].links[position].arrivalAtHeadEnd, now + field[site].delay())
            field[site].links[position].arrivalAtHeadEnd = at
            add(.reachesHeadEnd(site: site, link: number, .bytes(piece)), at: at)
        }
    }

    func closeFromGateway(_ site: Int, _ number: UInt64, isReset: Bool) {
        guard let position = field[site].position(of: number) else { return }
        field[site].links[position].isOpenAtGateway = false
        guard !field[site].links[position].isCut else { return forgetIfOver(site, number) }
        let delay = field[site].delay()
        let at = isReset ? now + delay : max(field[site].links[position].arrivalAtHeadEnd, now + delay)
        add(.reachesHeadEnd(site: site, link: number, .end(isReset: isReset)), at: at)
    }

    // MARK: - Trouble

    /// Whether the connection ends with this send; if so it has been seen to.
    func breaks(_ manners: NetworkManners, _ site: Int, _ number: UInt64) -> Bool {
        if field[site].happens(manners.resets) {
            tell("\(world.sites[site].row.name): the network resets connection \(number)")
            cut(site, number, tellsBoth: true)
            return true
        }
        if field[site].happens(manners.halfOpen) {
            tell("\(world.sites[site].row.name): connection \(number) carries nothing from here on")
            cut(site, number, tellsBoth: false)
            return true
        }
        return false
    }

    func cut(_ site: Int, _ number: UInt64, tellsBoth: Bool) {
        guard let position = field[site].position(of: number) else { return }
        if tellsBoth {
            let delay = field[site].delay()
            add(.reachesGateway(site: site, link: number, .end(isReset: true)), at: now + delay)
            add(.reachesHeadEnd(site: site, link: number, .end(isReset: true)), at: now + delay)
        } else {
            field[site].links[position].isCut = true
        }
    }

    func begin(_ episode: Int, at site: Int) {
        let episodes = world.sites[site].episodes
        guard episode < episodes.count else {
            field[site].manners = field[site].calm
            return
        }
        field[site].manners = episodes[episode].manners
        tell("\(world.sites[site].row.name): \(episodes[episode].manners)")
        // Its end is the beginning of the next where they touch.
        let isFollowed = episode + 1 < episodes.count && episodes[episode + 1].from == episodes[episode].to
        if !isFollowed {
            add(.episodeBegins(site: site, episode: .max), at: nanoseconds(at: episodes[episode].to))
        }
        guard field[site].manners.reach != .open else { return }
        for link in field[site].links where !link.isCut {
            cut(site, link.number, tellsBoth: field[site].manners.reach == .refused)
        }
    }

    /// As TCP may cut a stream: anywhere.
    private func pieces(_ bytes: [UInt8], _ site: Int) -> [[UInt8]] {
        let manners = field[site].manners
        guard bytes.count > 1, field[site].happens(manners.split) else { return [bytes] }
        if field[site].happens(manners.bytewise) { return bytes.map { [$0] } }
        let count = field[site].random.number(in: 1...3)
        var cuts = (0..<count).map { _ in field[site].random.number(in: 1...bytes.count - 1) }
        cuts.sort()
        var pieces: [[UInt8]] = []
        var start = 0
        for cut in cuts + [bytes.count] where cut > start {
            pieces.append(Array(bytes[start..<cut]))
            start = cut
        }
        return pieces
    }

    func forgetIfOver(_ site: Int, _ number: UInt64) {
        guard let position = field[site].position(of: number) else { return }
        let link = field[site].links[position]
        if !link.isOpenAtHeadEnd, !link.isOpenAtGateway { field[site].links.remove(at: position) }
    }
}
