import Metering
import Testing

@testable import HeadEnd

@Suite("A conversation with one gateway")
struct GatewayConversationTests {
    @Test("asks for the dials in one request and reports them with the words on the wire")
    func firstReading() throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        #expect(request.unit == 1)
        #expect(request.function == 4)
        #expect(request.address == 0x48)
        #expect(request.count == 8)
        let answered = line.hears(request.answer(sdmWords), after: 40)
        let outcome = try #require(answered.outcomes.first)
        #expect(outcome.meter == MeterID(1))
        #expect(outcome.transaction == request.transaction)
        #expect(outcome.profile == "sdm630/1")
        #expect((outcome.answered - outcome.requested).microseconds == 40_000)
        let reading = try #require(answered.readings.first)
        #expect(reading.register == .activeImport)
        #expect(reading.index == Energy(wattHours: 1_234_500))
        #expect(reading.words == [0x449A, 0x5000])
    }

    @Test("keeps one request in flight at depth 1, and as many as the gateway's row says", arguments: [1, 4, 16])
    func depth(_ depth: Int) throws {
        var line = try ConversationHarness(meters: 20, depth: depth)
        let requests = try line.connected().requests
        #expect(requests.count == depth)
        #expect(Set(requests.map(\.transaction)).count == depth, "no transaction is used twice")
        let next = line.hears(requests[0].answer(sdmWords))
        #expect(next.requests.count == 1, "an answer makes room for one more")
    }

    @Test("drops a late reply and stays in step")
    func lateReply() throws {
        var line = try ConversationHarness(meters: 2)
        let first = try #require(try line.connected().requests.first)
        let expired = line.happens(.wake, after: 1000)
        #expect(expired.failures == [.timeout])
        let second = try #require(expired.requests.first)
        #expect(second.unit != first.unit)

        let late = line.hears(first.answer(sdmWords), after: 10)
        #expect(late.outcomes.isEmpty, "the late answer is nobody's reading")
        #expect(late.close == nil)
        #expect(line.conversation.figures.lateReplies == 1)

        let answered = line.hears(second.answer(sdmWords), after: 10)
        #expect(answered.outcomes.first?.unit == second.unit)
        #expect(answered.readings.count == 4)
    }

    @Test("never takes another unit's answer, even under its own transaction")
    func wrongUnit() throws {
        var line = try ConversationHarness(meters: 2)
        let request = try #require(try line.connected().requests.first)
        let foreign = line.hears(request.answer(sdmWords, unit: request.unit + 1))
        #expect(foreign.outcomes.isEmpty)
        #expect(line.conversation.figures.wrongUnitReplies == 1)
        let right = line.hears(request.answer(sdmWords))
        #expect(right.outcomes.first?.unit == request.unit, "the right answer still counts")
    }

    @Test("never takes an answer under a transaction it did not send")
    func wrongTransaction() throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        for lie in [UInt16(0), request.transaction &+ 1, request.transaction ^ 0x8000] {
            #expect(line.hears(request.answer(sdmWords, transaction: lie)).outcomes.isEmpty)
        }
        #expect(line.conversation.figures.foreignReplies == 3)
    }

    @Test("closes after eight replies in a row that nobody asked for")
    func strangers() throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        var last = GatewayConversation.Actions()
        for _ in 0..<8 { last = line.hears(request.answer(sdmWords, transaction: request.transaction ^ 0x4000)) }
        #expect(last.close != nil)
        #expect(last.failures.count == 1, "the request in flight has failed, and says so")
    }

    @Test("takes an answer in pieces, however it is cut")
    func fragments() throws {
        for cut in 1..<24 {
            var line = try ConversationHarness()
            let request = try #require(try line.connected().requests.first)
            let answer = request.answer(sdmWords)
            #expect(line.hears(Array(answer[..<cut])).outcomes.isEmpty)
            #expect(line.hears(Array(answer[cut...])).readings.count == 4)
        }
    }

    @Test("never completes a frame that lost bytes with those of the frame behind it", arguments: 1...5)
    func truncated(lost: Int) throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        let answer = request.answer(sdmWords)
        let copied = line.hears(Array(answer.dropLast(lost)) + answer)
        #expect(copied.readings.isEmpty, "a dial ended with a header's first bytes")
        #expect(copied.close != nil)
    }

    @Test("closes on a broken frame and fails what was in flight")
    func framingViolation() throws {
        var line = try ConversationHarness(meters: 3, depth: 3)
        _ = try line.connected()
        let broken = line.hears([0, 1, 0, 9, 0, 6, 1, 4, 2, 0, 0])
        #expect(broken.close != nil)
        #expect(broken.failures.count == 3)
        #expect(broken.requests.isEmpty, "nothing more is said on this connection")
        #expect(line.conversation.figures.framingViolations == 1)
    }

    @Test(
        "an exception is a failure with its code, never a value", arguments: [0x01, 0x04, 0x06, 0x0A, 0x0B, 0x81])
    func exceptions(_ code: Int) throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        let refused = line.hears(request.exception(UInt8(code)))
        #expect(refused.failures == [.exception(UInt8(code))])
        #expect(refused.readings.isEmpty)
    }

    @Test("a reply with the wrong number of words is a failure, never a value")
    func shortReply() throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        let short = line.hears(request.answer(Array(sdmWords.dropLast())))
        #expect(short.readings.isEmpty)
        #expect(short.failures.map(\.kind) == ["bad-reply"])
    }

    @Test("a register that says \"not available\" is a failure, never zero")
    func sentinel() throws {
        var line = try ConversationHarness(profile: "abb-b23")
        let request = try #require(try line.connected().requests.first)
        let absent = line.hears(request.answer(Array(repeating: 0xFFFF, count: Int(request.count))))
        #expect(absent.readings.isEmpty)
        #expect(absent.failures.map(\.kind) == ["absent"])
    }

    @Test("counts a request's time from the answer before it, so that depth makes no time-outs")
    func serialGateway() throws {
        var line = try ConversationHarness(meters: 4, depth: 4)
        let requests = try line.connected().requests
        // Four requests at once behind a bus that takes 700 ms each: the last is answered after 2.8 s.
        for request in requests {
            let answered = line.hears(request.answer(sdmWords), after: 700)
            #expect(answered.failures.isEmpty)
            #expect(answered.readings.count == 4)
        }
    }

    @Test("closes a connection on which three requests in a row went unanswered")
    func wedgedGateway() throws {
        var line = try ConversationHarness(meters: 5)
        _ = try line.connected()
        #expect(line.happens(.wake, after: 1000).close == nil)
        #expect(line.happens(.wake, after: 1000).close == nil)
        #expect(line.happens(.wake, after: 1000).close != nil)
    }

    @Test("tells every waiting meter once that the gateway cannot be reached, then waits longer and longer")
    func unreachable() throws {
        var line = try ConversationHarness(meters: 3)
        line.halfAnHourPasses()
        #expect(line.happens(.wake).shouldConnect)
        #expect(line.happens(.connectFailed("refused")).failures.count == 3)
        var waits: [Int] = []
        for _ in 0..<10 {
            let wake = line.conversation.wake().monotonic.nanoseconds / 1_000_000
            waits.append(Int(wake) - line.milliseconds)
            #expect(line.happens(.wake, after: waits.last ?? 0).shouldConnect)
            #expect(line.happens(.connectFailed("refused")).failures.count == 1, "one line an attempt")
        }
        let most = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
        for (wait, most) in zip(waits, most) { #expect((most / 2...most).contains(wait)) }
    }

    @Test("asks nothing while the store is behind, and goes on when it is not")
    func backPressure() throws {
        var line = try ConversationHarness(meters: 2)
        let request = try #require(try line.connected().requests.first)
        let held = request.answer(sdmWords).withUnsafeBytes { line.happens(.received($0), mayAsk: false) }
        #expect(held.readings.count == 4, "what was asked is still taken")
        #expect(held.requests.isEmpty)
        #expect(line.happens(.wake).requests.count == 1)
    }

    @Test("keeps the pause that the gateway's row asks for")
    func pause() throws {
        var line = try ConversationHarness(meters: 2, depth: 2, pause: 100)
        line.halfAnHourPasses()
        line.happens(.wake)
        #expect(line.happens(.connected).requests.isEmpty, "after connecting too")
        let first = line.happens(.wake, after: 100).requests
        #expect(first.count == 1, "a pause leaves room for one in flight")
        #expect(line.hears(first[0].answer(sdmWords), after: 5).requests.isEmpty)
        #expect(line.happens(.wake, after: 99).requests.isEmpty)
        #expect(line.happens(.wake, after: 1).requests.count == 1)
    }

    @Test("when stopping it asks nothing more but still takes the answer in flight")
    func stopping() throws {
        var line = try ConversationHarness(meters: 2)
        let request = try #require(try line.connected().requests.first)
        line.conversation.stop()
        #expect(!line.conversation.isQuiet)
        let last = line.hears(request.answer(sdmWords))
        #expect(last.readings.count == 4)
        #expect(last.requests.isEmpty)
        #expect(line.conversation.isQuiet)
    }

    @Test("reconnects at once when a gateway closed an idle line")
    func idleClose() throws {
        var line = try ConversationHarness()
        let request = try #require(try line.connected().requests.first)
        line.hears(request.answer(sdmWords))
        #expect(line.happens(.closed("idle"), after: 60_000).failures.isEmpty, "an idle close is no failure")
        line.halfAnHourPasses()
        #expect(line.happens(.wake).shouldConnect)
    }

    @Test("a gateway that hangs up after each answer loses no poll")
    func hangsUpAfterEachAnswer() throws {
        var line = try ConversationHarness(meters: 10)
        var request = try #require(try line.connected().requests.first)
        var readings = 0
        for _ in 0..<10 {
            let answered = line.hears(request.answer(sdmWords), after: 5)
            readings += answered.outcomes.count { if case .success = $0.result { true } else { false } }
            #expect(line.happens(.closed("hung up")).failures.isEmpty)
            let waking = line.happens(.wake, after: 20)
            guard waking.shouldConnect, let next = line.happens(.connected).requests.first else { break }
            request = next
        }
        #expect(readings == 10)
    }

    @Test("a request that makes the gateway hang up is not asked for ever")
    func poison() throws {
        var line = try ConversationHarness()
        _ = try line.connected()
        let dropped = line.happens(.closed("hung up"))
        #expect(dropped.failures.map(\.kind) == ["no-connection"])
    }
}
