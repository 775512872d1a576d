import Metering
import Testing

@testable import Packing

/// Chunks bit by bit, as docs/CODEC.md says that they are. They lie in files of years ago: whoever changes a bit here
/// gives the format another version.
@Suite("What a chunk looks like")
struct GoldenChunkTests {
    /// Bits as they follow each other, the lowest of each byte first.
    private static func bytes(_ pieces: [String]) -> [UInt8] {
        let bits = pieces.joined().filter { $0 != " " }.map { $0 == "1" ? UInt8(1) : 0 }
        return stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<min(start + 8, bits.count)].reversed().reduce(0) { $0 << 1 | $1 }
        }
    }

    private static func checkIndex(_ indices: [DailyIndex], days: Int, pieces: [String], sum: [UInt8]) throws {
        let key = ChunkKey(series: 4711, firstDay: ServiceDay(number: 20_209), days: days)
        #expect(try SampleChunk.body(indices, key: key) == bytes(pieces) + sum)
        #expect(try SampleChunk.indices(bytes(pieces) + sum, key: key) == indices)
    }

    @Test("a frozen week: the first index, the first difference, what the forecast missed of the others")
    func frozenWeek() throws {
        try Self.checkIndex(
            SampleChunk.indices(7), days: 7,
            pieces: [
                "10", "0", "00011",  //            version 1; usual; the first index has 24 bits:
                "01110010100001100011110",  //     12,345,678, without its highest bit
                "0 1", "1000100011000",  //        8,977: 10 bits narrower (11 expected, folded 1), 14 wide
                "0  010001011110",  //             9,954: 977 more than the forecast, folded in 12 low bits
                "0  010000100101",  //            10,931: 1,313 more
                "0  010100011011",  //            11,908: 1,733 more
                "110  00000000000",  //           12,885: 2,048 more; the forecast thinks itself better by now: 11
                "110  00011011100",  //           13,862: 2,284 more
                "0000000",  //                     to the end of the byte
            ],
            sum: [0xE5, 0xA2])
    }

    @Test("a week with an outage, an estimate and an edit: states before the dial, bounds and revisions after it")
    func troubledWeek() throws {
        let indices = SampleChunk.indices(
            7, quality: { $0 == 2 ? nil : $0 == 4 ? .estimated : .frozen }, bound: { $0 == 4 ? 1792 : 0 },
            revision: { $0 == 5 ? 2 : 1 })
        try Self.checkIndex(
            indices, days: 7,
            pieces: [
                "10", "1", "00011", "1110",  //    version 1; not usual; 24 bits; states, bounds and revisions
                "100", "0 100",  //                frozen, not to the end: 2 days
                "00", "0",  //                     missing (first of the others): 1 day
                "1", "0 00",  //                   frozen again: 1 day
                "0 10", "0",  //                   estimated (second of measured, estimated, edited): 1 day
                "1", "1",  //                      frozen again, to the end
                "01110010100001100011110",  //     12,345,678
                "0 1", "1000100011000",  //        8,977
                "0 01100111011010",  //            20,885 over two days: 2,931 more than twice the forecast
                "10 011001110110",  //             11,908: 2,931 more
                "0 010000011111",  //              12,885: 1,985 more
                "10 010111101000",  //             13,862: 2,237 more
                "0", "0", "0 0111",  //            no frozen bound, none exact: 1,792 Wh is code 39, 7 over 32
                "0", "110 10", "0",  //            one revision, after 4 days, 2
                "0000",  //                        to the end of the byte
            ],
            sum: [0x1B, 0x00])
    }

    @Test("nothing at all: one run of missing days")
    func nothing() throws {
        try Self.checkIndex(
            [], days: 31,
            pieces: [
                "10", "1", "00000", "1000",  //    version 1; not usual; no first index; states only
                "000", "11110 1111",  //           missing: 31 days
            ],
            sum: [0x28, 0x73])
    }

    @Test("a dial of tenths of a kilowatt-hour: its indices without their zeros, an estimate's remainder at the end")
    func tenths() throws {
        let indices = SampleChunk.indices(
            5, quality: { $0 == 2 ? .estimated : .frozen }, first: 12_345_600,
            step: { 8000 + 900 * Int64($0) + ($0 == 2 ? 37 : $0 == 3 ? -37 : 0) })
        try Self.checkIndex(
            indices, days: 5,
            pieces: [
                "10", "1", "10001", "1001",  //    version 1; not usual; 17 bits; states and a unit
                "100", "0 10",  //                 frozen, not to the end: 2 days
                "01", "0",  //                     estimated (third of the others): 1 day
                "1", "1",  //                      frozen again, to the end
                "10", "1",  //                     the unit is 100 Wh, and an index is no multiple
                "0000001001000111",  //            123,456
                "0 1", "100110",  //               89: 10 bits narrower
                "0 01001",  //                     98: 9 more than the forecast
                "0 01011",  //                    107: 13 more
                "10 00000",  //                   116: 16 more
                "1010010",  //                     37 Wh beyond the estimated day's hundreds
                "0000",  //                        to the end of the byte
            ],
            sum: [0xFC, 0x4D])
    }

    @Test("a dial that went over: the difference that no dial makes is written out")
    func rollover() throws {
        let indices = SampleChunk.indices(3, first: 999_999_001, step: { $0 == 2 ? 2000 - 1_000_000_000 : 500 })
        try Self.checkIndex(
            indices, days: 3,
            pieces: [
                "10", "0", "01111",  //                   version 1; usual; 30 bits:
                "10011000011000110101100111011",  //      999,999,001
                "1111111 0 001", "00101111",  //          500: 21 bits narrower (folded 20), 9 wide
                "1111111111 1111111111 1111111 0",  //    999,998,500 less than the forecast, folded, less 4 times
                "111000100010000110101100111011",  //     256, has 31 bits: 22 more than 8 low ones and the highest
                "000000",  //                             to the end of the byte
            ],
            sum: [0x0A, 0x3A])
    }

    @Test("a first index of more than 30 bits, and a dial that went back after it")
    func wide() throws {
        let indices = SampleChunk.indices(2, first: 1 << 62 + 5, step: { _ in 2 - 1 << 62 })
        try Self.checkIndex(
            indices, days: 2,
            pieces: [
                "10", "0", "11111", "000001",  //         version 1; usual; 31 bits and 32 more:
                "1010000000 0000000000 0000000000 0000000000 0000000000 0000000000 00",
                "1111111 0 111",  //                      the difference is 1 bit wider (folded 23), 64 bits:
                "0100000000 0000000000 0000000000 0000000000 0000000000 0000000000 001",
                "00",  //                                 to the end of the byte
            ],
            sum: [0x3B, 0x27])
    }

    // MARK: - Profiles

    private static func checkProfile(_ indices: [SlotIndex], slots: Int = 8, pieces: [String], sum: [UInt8]) throws {
        #expect(try SampleProfile.body(indices, slots: slots) == bytes(pieces) + sum)
        #expect(try SampleProfile.indices(bytes(pieces) + sum, slots: slots) == indices)
    }

    @Test("a frozen profile: the first index, and each slot beside the least of the three before it")
    func frozenProfile() throws {
        try Self.checkProfile(
            SampleProfile.indices(8),
            pieces: [
                "10", "0", "11101",  //        version 1; usual; the first index has 23 bits:
                "0000001011010010001100",  //  5,000,000, without its highest bit
                "0 01110110",  //              110, eight low bits likely
                "110 0001100",  //             120 (a fifth of 110 has five bits): 120 + 32 has eight
                "0 01010",  //                 115: 5 over 110, folded 10
                "11110 001001011",  //         900: more than twice 110, so as it is; and 32
                "0 01111000",  //              130: 15 over 115, folded 30
                "1110 10100000",  //           0: 115 less, folded 229; and 32
                "0",  //                       0 again
                "00000",  //                   to the end of the byte
            ],
            sum: [0xE7, 0x4D])
    }

    @Test("a profile with an outage and a dial that went back")
    func troubledProfile() throws {
        var indices = SampleProfile.indices(
            8, quality: { (3...4).contains($0) ? nil : $0 < 6 ? .measured : .estimated })
        indices[5] = SlotIndex(slot: 7, index: Energy(wattHours: 4_000_000), quality: .estimated)
        try Self.checkProfile(
            indices,
            pieces: [
                "10", "1", "11101", "10",  //  version 1; not usual; 23 bits; states
                "010", "0 010",  //            measured, not to the end: 3 slots
                "00", "10 0",  //              missing (first of the others): 2 slots
                "1", "0 0",  //                measured again: 1 slot
                "0 10", "10 0",  //            estimated (third of frozen, estimated, edited): 2 slots
                "0000001011010010001100",  //  5,000,000
                "0 01110110",  //              110
                "110 0001100",  //             120
                "11101 001111100",  //         1,145 over three slots: more than six times 110
                "10 11011010",  //             0
                "1111111111 1111111111 1111111111 1111111111 1111111111 1111111111 1111 0",
                //                             that no number has: back by 1,001,375, less one
                "0111100111 1000101111 0000000000 0000000000 0000000000 0000000000 000",
            ],
            sum: [0x86, 0xA9])
    }

    @Test("a profile of a dial of hundredths: without their zeros")
    func hundredths() throws {
        let indices = SampleProfile.indices(4, takes: { [100, 200, 150, 0][$0] })
        try Self.checkProfile(
            indices, slots: 4,
            pieces: [
                "10", "1", "11001", "01", "00",  // version 1; not usual; 19 bits; a unit; 10 Wh
                "000001001000010111",  //           500,000
                "0 01010000",  //                   10, eight low bits likely
                "1110 0110",  //                    20: more than twice nothing, so as it is; and 2
                "100 11",  //                       15: 5 over 10, folded 10; and 4
                "0000",  //                         to the end of the byte
            ],
            sum: [0x24, 0xC5])
    }
}
