import Foundation
import Modbus

/// What the mutations start from: real streams and a profile with every key, from the folder of the tests.
struct Corpus {
    struct Stream {
        let kind: String
        let bytes: [UInt8]
    }

    let streams: [Stream]
    let profiles: [[UInt8]]
    /// Built-in models; their words are decoded.
    let models: [MeterProfile]

    init(folder: String) throws {
        let text = try String(contentsOfFile: folder + "/streams.hex", encoding: .utf8)
        streams = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ").map(String.init)
            let bytes = words.dropFirst(words[0] == "ask" ? 1 : 3).compactMap { UInt8($0, radix: 16) }
            return Stream(kind: words[0], bytes: bytes)
        }
        profiles = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .filter { $0.hasSuffix(".yaml") }
            .map { Array(try Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent($0))) }
        let library = try ProfileLibrary.load(folder: nil)
        models = library.names.compactMap { library[$0] }
    }
}
