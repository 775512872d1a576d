import MeterFleet
import Metering

/// Frames that are wrong, but never so that they would fit another request to the same unit in every byte.
extension Rehearsal {
    // MARK: - Requests

    /// What reaches the gateway of requests: another unit's number, or nothing.
    func mistaken(_ bytes: [UInt8], _ manners: NetworkManners, _ site: Int) -> [UInt8] {
        guard let frames = Self.frames(in: bytes) else { return bytes }
        let units = world.sites[site].simulated.meters.units
        return frames.flatMap { frame -> [UInt8] in
            if field[site].happens(manners.lostRequests) { return [] }
            guard field[site].happens(manners.crossed) else { return frame }
            var frame = frame
            let other = field[site].random.pick(units)
            if other != frame[6] { figures.tampered += 1 }
            frame[6] = other
            return frame
        }
    }

    // MARK: - Answers

    /// One answer on its way from the gateway.
    func tamper(_ frame: [UInt8], _ manners: NetworkManners, _ site: Int, _ number: UInt64) {
        if field[site].happens(manners.foreign) {
            figures.tampered += 1
            deliver(foreign(to: frame, site), site, number)
        }
        if field[site].happens(manners.lostAnswers) { return }
        if field[site].happens(manners.late) {
            figures.tampered += 1
            let timeout = Int64(world.sites[site].row.timeoutMilliseconds)
            let delay = field[site].random.number(in: timeout / 2...timeout * 4)
            return add(.released(site: site, link: number, bytes: frame), at: now + delay * 1_000_000)
        }
        if field[site].happens(manners.overtaken), let position = field[site].position(of: number),
            field[site].links[position].overtaken.isEmpty
        {
            figures.tampered += 1
            field[site].links[position].overtaken = frame
            return
        }
        var sent = changed(frame, manners, site)
        if let position = field[site].position(of: number) {
            if field[site].links[position].hasTruncated {
                field[site].links[position].hasTruncated = false
            } else if field[site].happens(manners.truncated) {
                figures.tampered += 1
                field[site].links[position].hasTruncated = true
                sent.removeLast(field[site].random.number(in: 1...5))
            }
        }
        if field[site].happens(manners.duplicated) {
            figures.tampered += 1
            sent += frame
        }
        if let position = field[site].position(of: number) {
            sent += field[site].links[position].overtaken
            field[site].links[position].overtaken = []
        }
        deliver(sent, site, number)
    }

    private func changed(_ frame: [UInt8], _ manners: NetworkManners, _ site: Int) -> [UInt8] {
        var frame = frame
        if field[site].happens(manners.otherTransaction) {
            figures.tampered += 1
            // Far from all that is in flight.
            frame[0] ^= 0x80
        }
        if field[site].happens(manners.otherUnit) {
            let other = field[site].random.pick(world.sites[site].simulated.meters.units + [0, 255])
            if other != frame[6] { figures.tampered += 1 }
            frame[6] = other
        }
        return frame
    }

    /// The same answer to another client: under a transaction of its own, and with other words.
    private func foreign(to frame: [UInt8], _ site: Int) -> [UInt8] {
        var frame = frame
        frame[0] ^= field[site].random.pick([0x40, 0x80, 0xC0])
        for byte in frame.indices.dropFirst(9) { frame[byte] = UInt8(field[site].random.number(in: 0...255)) }
        return frame
    }
}
