import Mustache

/// Escapes text for HTML and SVG, element content and quoted attributes alike.
///
/// It goes by Unicode scalar. A `Character` may hide a quote under a combining mark, and an escape that looks at
/// characters lets `"` + U+0338 pass and so end an attribute.
package enum HTMLText {
    package static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// The content type every template of this house names on its first line.
struct StrictHTML: MustacheContentType {
    static let name = "STRICT-HTML"

    func escapeText(_ text: String) -> String { HTMLText.escape(text) }
}
