import Metering
import Modbus

/// How an answer is made under faults: what is said, by which words, under which header. Always a Modbus/TCP frame;
/// how it travels is decided later.
extension GatewayWire {
    /// `nil` where nothing is answered. `words` is room for the reply's words.
    mutating func frame(
        for request: Request, _ hits: [Hit], at moment: WireMoment, _ words: inout [UInt16]
    ) -> [UInt8]? {
        words.removeAll(keepingCapacity: true)
        let asked = request.pdu.withUnsafeBytes(ServerPDU.parse)
        let content = refusal(of: asked, request, hits) ?? honest(asked, request, hits, at: moment, &words)
        if case .words = content, case .success(let range) = asked,
            let meter = gateway.meter(request.header.unit, at: moment.local)
        {
            for hit in hits { WordFault(hit, meter.model)?.apply(to: &words, of: range) }
        }
        let header = request.header
        var frame: [UInt8] = []
        switch content {
        case .silence: return nil
        case .exception(let code, let function):
            ServerPDU.appendException(
                code: code, function: function, unit: header.unit, transaction: header.transaction, to: &frame)
        case .words(let function):
            ServerPDU.appendReply(
                words: words, function: function, unit: header.unit, transaction: header.transaction, to: &frame)
        }
        for hit in hits { damage(&frame, hit, request) }
        return frame
    }

    /// What a fault answers in the meter's place.
    private func refusal(
        of asked: Result<WordRange, ServerRefusal>, _ request: Request, _ hits: [Hit]
    ) -> SimulatedGateway.Content? {
        let function = (request.pdu.first ?? 0) & 0x7F
        for hit in hits {
            switch hit.kind {
            case .silence: return .silence
            case .exception(let code, _), .exceptionLength(let code, _): return .exception(code, function: function)
            case .registerLimit(let words, let code):
                if case .success(let range) = asked, range.count > words { return .exception(code, function: function) }
            case .registerGap(let gap):
                guard case .success(let range) = asked, gap.concerns(range) else { continue }
                switch gap.answer {
                case .exception: return .exception(2, function: function)
                case .silence: return .silence
                case .zero: continue
                }
            default: break
            }
        }
        return nil
    }

    /// What the meter says, with zeros in the gaps that answer so.
    private func honest(
        _ asked: Result<WordRange, ServerRefusal>, _ request: Request, _ hits: [Hit], at moment: WireMoment,
        _ words: inout [UInt16]
    ) -> SimulatedGateway.Content {
        let unit = request.header.unit
        var gaps: [FaultKind.RegisterGap] = []
        for hit in hits {
            if case .registerGap(let gap) = hit.kind { gaps.append(gap) }
        }
        guard case .success(let range) = asked, gaps.contains(where: { $0.concerns(range) }) else {
            return gateway.content(unit, asked, at: moment.local, to: &words)
        }
        // Each stretch between gaps is read by itself: the meter knows nothing of the words in them.
        var address = Int(range.address)
        while address < range.end {
            if let gap = gaps.first(where: { $0.addresses.contains(address) }) {
                let end = min(range.end, gap.addresses.upperBound)
                words.append(contentsOf: repeatElement(0, count: end - address))
                address = end
                continue
            }
            let next = gaps.map(\.addresses.lowerBound).filter { $0 > address }.min() ?? range.end
            let end = min(range.end, next)
            guard
                let stretch = WordRange(
                    function: range.function, address: UInt16(address), count: UInt16(end - address))
            else { return .exception(2, function: range.function.rawValue) }
            let content = gateway.content(unit, .success(stretch), at: moment.local, to: &words)
            guard case .words = content else { return content }
            address = end
        }
        return .words(range.function)
    }

    /// Damages a whole frame: bytes 0 and 1 are its transaction, 4 and 5 its length, 6 the unit, 7 the function, 8 the
    /// byte count or the exception's code.
    private mutating func damage(_ frame: inout [UInt8], _ hit: Hit, _ request: Request) {
        let isException = frame[7] & 0x80 != 0
        switch hit.kind {
        case .transaction(.constant(let transaction)): Self.set(&frame, transaction: transaction)
        case .transaction(.offByOne): Self.set(&frame, transaction: request.header.transaction &+ 1)
        case .transaction(.swapped):
            let own = request.header.transaction
            var others = own
            let isSwapped = due.changeEarliest { deed in
                if case .answer(let other) = deed { other.connection == request.connection } else { false }
            } _: { deed in
                guard case .answer(var other) = deed else { return }
                others = other.header.transaction
                other.header = MBAPHeader(transaction: own, unit: other.header.unit)
                deed = .answer(other)
            }
            if isSwapped { Self.set(&frame, transaction: others) }
        case .wrongUnit(let unit): frame[6] = unit ?? request.header.unit &+ 1
        case .wrongFunction(let function):
            frame[7] = (function ?? (frame[7] & 0x7F == 3 ? 4 : 3)) | (isException ? 0x80 : 0)
        case .exceptionLength(_, .declaredLonger): frame[5] += 1
        case .exceptionLength(_, .declaredShorter): frame[5] -= 1
        case .exceptionLength(_, .extraByte):
            frame[5] += 1
            frame.append(0)
        case .byteCount(let defect) where !isException:
            switch defect {
            case .tooLarge: frame[8] &+= 2
            case .tooSmall: frame[8] &-= 2
            case .odd: frame[8] &+= 1
            }
        default: break
        }
    }

    private static func set(_ frame: inout [UInt8], transaction: UInt16) {
        frame[0] = UInt8(transaction >> 8)
        frame[1] = UInt8(transaction & 0xFF)
    }
}

extension FaultKind.RegisterGap {
    func concerns(_ range: WordRange) -> Bool {
        (function.map { $0 == range.function.rawValue } ?? true)
            && addresses.overlaps(Int(range.address)..<range.end)
    }
}
