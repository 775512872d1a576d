import Foundation

/// Some values as one parameter of a statement, which asks `value FROM json_each(?)` for them: a statement has a fixed
/// number of parameters.
enum JSONSet {
    static func text(of values: some Collection<some Encodable>) throws -> String {
        String(decoding: try JSONEncoder().encode(Array(values)), as: UTF8.self)
    }
}
