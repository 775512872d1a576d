import Testing

@testable import Packing

/// The samples whole: what `GoldenChunkTests` draws bit by bit, over months, where every weight of the forecasts shows.
/// Written down by a second program, in another language, which follows docs/CODEC.md.
@Suite("The bytes of every sample")
struct SampleBytesTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    /// One body of so many lines, and an empty line between two.
    private static func bodies(_ text: String) -> [String] {
        text.split(separator: "\n\n").map { String($0).replacing("\n", with: " ") }
    }

    @Test("of daily indices are what they were")
    func daily() throws {
        #expect(try SampleChunk.all.map { Self.hex(try SampleChunk.body($0)) } == Self.bodies(Self.days))
    }

    @Test("of load profiles are what they were")
    func profiles() throws {
        #expect(try SampleProfile.all.map { Self.hex(try SampleProfile.body($0)) } == Self.bodies(Self.slots))
    }

    private static let days = """
        05 81 f7 28 73

        c1 4e 61 3c 23 06 d1 23 a4 14 7b 00 18 76 de 8c 14 a7 7f c1 ae 34 90 28 a7 89 b7 95 0e 62 4b f8
        16 26 92 e8 f4 f1 0a 52 2f 64 08 ed 52 46 3c 1d 48 5e 39 fa 84 ff 00 64 ee

        c5 11 80 e7 4e 61 3c ed 99

        05 11 81 d7 ff a5 88 01 48 26

        c5 11 88 b1 53 18 cf 88 41 f4 08 29 c5 1e 00 86 9d 37 23 c5 09 a4 54 c6 19 32 10 40 b3 d1 29 58
        cf 4c 77 7c a7 a7 24 14 19 61 02 ef 60 f3 ce d0 0c 84 06 21 d8

        c5 17 44 a5 12 aa 68 a7 30 9e 11 83 e8 11 52 8a 3d 00 0c 3b 6f 46 8a d3 bf 60 57 1a 48 94 d3 c4
        db 4a 07 b1 25 7c 0b 13 49 74 fa 78 05 a9 17 32 84 76 29 23 9e 0e 24 af 1c 7d c2 7f e0 0c 79 05
        4a 1d

        c5 a3 4e 61 3c 23 06 d1 23 a4 14 7b 00 18 76 de 8c 14 a7 7f c1 ae 34 90 28 a7 89 b7 95 0e 62 4b
        f8 16 26 92 e8 f4 f1 0a 52 2f 64 08 ed 52 46 3c 1d 48 5e 39 fa 84 ff 50 19 a1 40 06 24 50 a4 89
        19 33 66 cc 08 f6 c1

        c5 27 00 81 02 05 0a 14 28 50 50 50 50 50 28 14 a5 4e 61 bc ce 27 10 3d 10 bd a1 07 d1 83 b9 65
        6e 01 00 20 7a 20 7a 43 0f a2 07 73 cb dc 02 00 58 49 5f 59 5f 69 5f 79 5f 89 5f 99 5f a9 5f b9
        5f c9 5f d9 5f e9 5f f9 7f 09 e0 32 c0 a5 80 cb 01 c7 e4 b0 e4 b0 e4 30 c1 0b

        8d 18 90 b8 19 49 07 32 b1 3d 55 81 d0 c1 70 cd 34 68 36 98 be 35 0d 9a 0d a6 6f 4d 03 08 d9

        ad 19 44 a5 ca e6 a1 b5 10 98 b0 0c d2 0a 33 e3 1b 73 6f 09 13 e8 84 42 bd 26 e3 72 68 e1 ce 29
        d8 2b b2 6d 06 18 f0 a4 a2 bd 20 d9 62 20 00 fb f3

        05 a9 ff 1d 00 00 00 00 06 09

        01 7f 05 00 00 00 f6 17

        fd a0 d4 ff ff ff ff ff ff ff ff f3 f8 ff ff ff ff ff ff ff 7f 33 ff ff ff ff ff ff ff 88 27 21
        c7 70 05 93 42 ea 30 43 0b 27 8a e0 51 c3 45 0a 12 1f 36 60 54 4c 40 38 34 2c 54 f7 aa 87 85 73
        4a 19 33 11 11 00 00 00 00 6b 2d
        """

    private static let slots = """
        05 e1 83 05 5c

        b9 40 4b 0c b7 61 a8 47 9a c7 15 f8 5f f4 dc 0c 43 3d d2 3c ae c0 ff a2 e7 66 18 ea 91 e6 71 05
        fe 17 3d 37 c3 50 8f 34 8f 2b f0 bf e8 b9 19 86 7a a4 79 5c 81 ff 45 cf cd 30 d4 23 cd e3 0a 00
        63 e5

        bd 29 d0 12 c3 6d 18 ea 91 e6 71 05 fe 17 3d 37 c3 50 8f 34 8f 2b f0 bf e8 b9 19 86 7a a4 79 5c
        81 ff 45 cf cd 30 d4 23 cd e3 0a fc 2f 7a 6e 86 a1 1e 69 1e 57 e0 7f d1 73 33 0c f5 48 f3 b8 02
        4e 23

        bd e1 11 c0 b7 7b 6a 0c 67 ed

        bd 05 c2 b3 50 06 5a 62 b8 0d 43 3d d2 3c ae c0 ff a2 d7 fb 3d 28 28 8f 52 8f 34 8f 2b f0 bf e8
        b9 19 86 7a a4 79 5c 01 d0 c8

        85 06 35 04 90 8e 35 d2 b1 46 3a d6 48 c7 1a e9 58 23 1d 6b a4 63 8d 74 ac 91 8e 35 02 32 58

        85 87 a1 0b 35 14 10 00 00 00 00 00 30 00 0d b4

        f9 e0 e6 ff ff ff ff ff ff 6f 60 80 ff ff ff ff ff ff ff 7f 16 fc ff ff ff ff ff 7f 03 00 00 00
        00 00 63 00 00 00 00 00 2e c2
        """
}
