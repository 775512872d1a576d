import ArgumentParser
import Foundation
import Modbus

/// Throws damaged streams, words, profiles and chunks at everything that reads what comes from outside or out of a
/// file, and holds what must always be true of it. The same seed gives the same inputs; a trap or a broken rule prints
/// the command that runs its input again.
@main
struct Fuzz: ParsableCommand {
    @Option(help: "Seconds to run.") var seconds = 10
    @Option(help: "What all chance comes from; a new one by itself.") var seed: UInt64?
    @Option(help: ArgumentHelp("Run one input only; needs its seed.", valueName: "number")) var only: UInt64?
    @Option(help: ArgumentHelp("What the mutations start from.", valueName: "dir"))
    var corpus = "Tests/ModbusTests/Corpus"

    private enum Kind: Int, CaseIterable {
        case tcp, rtu, ask, words, profile, refusedProfile, chunk, refusedChunk

        var name: String {
            switch self {
            case .tcp: "Modbus/TCP streams"
            case .rtu: "serial streams"
            case .ask: "requests"
            case .words: "words of every model"
            case .profile: "profile files without a fault"
            case .refusedProfile: "profile files that were refused"
            case .chunk: "chunks that were read"
            case .refusedChunk: "chunks that were refused"
            }
        }
    }

    func validate() throws {
        guard seconds >= 1 else { throw ValidationError("seconds must be 1 or more") }
        guard only == nil || seed != nil else { throw ValidationError("--only runs an input of a --seed") }
    }

    func run() throws {
        let corpus = try Corpus(folder: corpus)
        let seed = seed ?? UInt64.random(in: 0...999_999_999)
        CrashNote.install(seed: seed)
        if let only {
            CrashNote.begin(only)
            do {
                _ = try input(only, seed, corpus)
            } catch let broken as Broken {
                print("fuzz: broken: \(broken)")
                throw ExitCode.failure
            }
            print("fuzz: seed \(seed), input \(only): every rule holds")
            return
        }
        print("fuzz: seed \(seed), \(seconds) s")
        var counts = [Int](repeating: 0, count: Kind.allCases.count)
        let start = ContinuousClock.now
        var iteration: UInt64 = 0
        while ContinuousClock.now - start < .seconds(seconds) {
            for _ in 0..<64 {
                CrashNote.begin(iteration)
                do {
                    counts[try input(iteration, seed, corpus).rawValue] += 1
                } catch let broken as Broken {
                    print(
                        "fuzz: broken: \(broken)\nfuzz: run this input again: make fuzz SEED=\(seed) ONLY=\(iteration)")
                    throw ExitCode.failure
                }
                iteration += 1
            }
        }
        let spent = ContinuousClock.now - start
        let milliseconds = spent.components.seconds * 1000 + spent.components.attoseconds / 1_000_000_000_000_000
        for kind in Kind.allCases { print("  \(counts[kind.rawValue]) \(kind.name)") }
        print("fuzz: seed \(seed): \(iteration) inputs, \(Int64(iteration) * 1000 / milliseconds)/s; every rule holds")
    }

    /// Makes one input and checks it. A function of seed and number alone.
    private func input(_ number: UInt64, _ seed: UInt64, _ corpus: Corpus) throws -> Kind {
        var mutation = Mutation(seed: seed, iteration: number)
        // Profiles cost a hundred times what a frame costs.
        let draw = mutation.number(below: 130)
        let kind: Kind =
            draw < 40
            ? .tcp : draw < 65 ? .rtu : draw < 75 ? .ask : draw < 97 ? .words : draw < 100 ? .profile : .chunk
        switch kind {
        case .tcp, .rtu:
            let (bytes, range, unit) = stream(kind == .tcp ? "tcp" : "rtu", corpus, &mutation)
            let pieces = mutation.pieces(bytes)
            if kind == .tcp {
                try StreamChecks.tcp(bytes, pieces: pieces, range: range)
            } else {
                try StreamChecks.rtu(bytes, pieces: pieces, range: range, unit: unit)
            }
        case .ask:
            let asked = corpus.streams.filter { $0.kind == "ask" }.map(\.bytes)
            try StreamChecks.ask(mutation.damaged(mutation.one(of: asked), with: mutation.one(of: asked)))
        case .words: try ProfileChecks.decode(mutation.one(of: corpus.models), &mutation)
        case .profile, .refusedProfile:
            let text = mutation.slipped(mutation.one(of: corpus.profiles))
            return try ProfileChecks.read(text, &mutation) ? .profile : .refusedProfile
        case .chunk, .refusedChunk:
            let isRead =
                try mutation.happens(oneIn: 2) ? ChunkChecks.index(&mutation) : ChunkChecks.profile(&mutation)
            return isRead ? .chunk : .refusedChunk
        }
        return kind
    }

    /// Up to three frames, from the corpus or made honestly for a range of chance, then damaged.
    private func stream(
        _ kind: String, _ corpus: Corpus, _ mutation: inout Mutation
    ) -> (bytes: [UInt8], range: WordRange, unit: UInt8) {
        let count = UInt16(1 + mutation.number(below: mutation.happens(oneIn: 8) ? 121 : 12))
        let made =
            mutation.happens(oneIn: 4)
            ? WordRange(file: 90, record: 3, count: count)
            : WordRange(function: mutation.one(of: [.holdingRegisters, .inputRegisters]), address: 0, count: count)
        guard let range = made else { preconditionFailure("1 to 121 words are a range in any space") }
        let streams = corpus.streams.filter { $0.kind == kind }.map(\.bytes)
        var bytes: [UInt8] = []
        for transaction in 0..<UInt16(1 + mutation.number(below: 3)) {
            let isReply = !mutation.happens(oneIn: 4)
            let words = mutation.words(Int(count))
            switch (kind, isReply) {
            case _ where mutation.happens(oneIn: 3): bytes += mutation.one(of: streams)
            case ("tcp", true):
                ServerPDU.appendReply(
                    words: words, function: range.function, unit: 1, transaction: transaction, to: &bytes)
            case ("tcp", false):
                ServerPDU.appendException(
                    code: UInt8(mutation.number(below: 256)), function: range.function.rawValue, unit: 1,
                    transaction: transaction, to: &bytes)
            case (_, true): ServerPDU.appendRTUReply(words: words, function: range.function, unit: 1, to: &bytes)
            case (_, false):
                if mutation.happens(oneIn: 2) {
                    range.appendRTURequest(to: &bytes, unit: 1)
                } else {
                    ServerPDU.appendRTUException(
                        code: UInt8(mutation.number(below: 256)), function: range.function.rawValue, unit: 1, to: &bytes
                    )
                }
            }
        }
        return (mutation.damaged(bytes, with: mutation.one(of: streams)), range, 1)
    }
}
