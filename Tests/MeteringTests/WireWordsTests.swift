import Metering
import Testing

@Suite("Words of one dial")
struct WireWordsTests {
    @Test(
        "come back as they came, whether they lie in place or not",
        arguments: [
            [], [0], [0xFFFF], [0, 1], [0x449A, 0x5000], [1, 2, 3], [0, 0, 0, 0], [0xFFFF, 0, 0xFFFF, 0x8000],
            [1, 2, 3, 4, 5], Array(repeating: 0xABCD, count: 32),
        ] as [[UInt16]])
    func comeBack(words: [UInt16]) {
        #expect(WireWords(words[...]).words == words)
        // A slice that does not begin at 0.
        #expect(WireWords(([7, 7, 7] + words)[3...]).words == words)
    }

    @Test("are told apart by their number too")
    func leadingZeros() {
        let some: [[UInt16]] = [[], [0], [0, 0], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0], [1], [0, 1]]
        #expect(Set(some.map { WireWords($0[...]) }).count == some.count)
    }
}
