import Foundation
import FoundationNetworking
import Metering
import Testing

/// CSV with a header row.
enum CSVTable {
    static func rows(_ text: String) throws -> [[String: String]] {
        let records = try CSV.records(in: Array(text.utf8))
        let header = try #require(records.first, "no header row in \"\(text)\"").fields
        return records.dropFirst().map { Dictionary(zip(header, $0.fields), uniquingKeysWith: { _, last in last }) }
    }
}

extension [String: String] {
    func text(_ column: String) throws -> String { try #require(self[column], "no column \(column)") }
    func integer(_ column: String) throws -> Int64 {
        try #require(Int64(try text(column)), "column \(column) is \(self[column] ?? "")")
    }
}

enum JSON {
    static func object(_ text: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return try #require(value as? [String: Any], "no JSON object: \(text)")
    }

    /// Members of the document by their names in camel case.
    static func decode<Document: Decodable>(_ type: Document.Type, _ text: String) throws -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(text.utf8))
    }
}

/// The document of `meterd quote` and `meterd bill` (design §6.3), as far as it is looked at here.
struct Bill: Decodable {
    struct Line: Decodable {
        let decision: String
        let kwh: Int64
        let unitPriceVnd: Int64
        let amountVnd: Int64
    }
    struct Coverage: Decodable {
        let days: Int
        let measured: Int
        let estimated: Int
        let missing: Int
    }
    struct Index: Decodable {
        let day: String
        let indexWh: Int64
        let quality: String
    }

    let provisional: Bool
    let lines: [Line]
    let kwh: Int64
    let preVatVnd: Int64
    let vatPercent: Int64
    let vatVnd: Int64
    let totalVnd: Int64
    let coverage: Coverage?
    let indices: [Index]?

    /// Its lines are priced as they say, and add up to the kWh and the amount before tax.
    func expectToAddUp(_ comment: Comment) {
        #expect(provisional, comment)
        #expect(lines.allSatisfy { $0.amountVnd == $0.kwh * $0.unitPriceVnd }, comment)
        #expect(lines.map(\.kwh).reduce(0, +) == kwh, comment)
        #expect(lines.map(\.amountVnd).reduce(0, +) == preVatVnd, comment)
        #expect(preVatVnd + vatVnd == totalVnd, comment)
    }
}

/// The daemon's HTTP side.
struct Site {
    let port: Int

    struct Answer {
        let status: Int
        let text: String
        let type: String
    }

    /// One GET; throws when nobody answers within 20 s.
    func get(_ path: String) async throws -> Answer { try await ask("GET", path) }

    /// One POST without a body; throws when nobody answers within 20 s.
    func post(_ path: String) async throws -> Answer { try await ask("POST", path) }

    private func ask(_ method: String, _ path: String) async throws -> Answer {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        var request = URLRequest(url: url, timeoutInterval: 20)
        request.httpMethod = method
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        return Answer(
            status: http.statusCode, text: String(decoding: data, as: UTF8.self),
            type: http.value(forHTTPHeaderField: "Content-Type") ?? "")
    }
}
