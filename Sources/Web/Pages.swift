import Foundation
import Mustache

/// The templates and files this house serves, read once from the resources beside the program.
package struct Pages: Sendable {
    /// A file under `/assets`.
    struct Asset: Sendable {
        let contentType: String
        let text: String
    }

    let assets: [String: Asset]
    private let templates: MustacheLibrary

    private static let templateNames = [
        "page", "control-centre", "customer", "chart-legend", "bill", "bill-document", "operator-read", "usage-point",
        "gateways",
        "problem",
    ]
    private static let assetTypes = [
        "style.css": "text/css; charset=utf-8", "paper.css": "text/css; charset=utf-8",
        "live.js": "text/javascript; charset=utf-8",
        "mark.svg": "image/svg+xml",
    ]

    package init() throws {
        MustacheContentTypes.register(StrictHTML(), named: StrictHTML.name)
        var templates: [String: MustacheTemplate] = [:]
        for name in Self.templateNames {
            let text = try Self.resource("\(name).mustache")
            do {
                // The content type is set here, so that no template can forget to escape.
                templates[name] = try MustacheTemplate(string: "{{% CONTENT_TYPE:\(StrictHTML.name)}}\n" + text)
            } catch {
                throw PagesError.badTemplate(name: "\(name).mustache", reason: String(describing: error))
            }
        }
        self.templates = MustacheLibrary(templates: templates)
        var assets: [String: Asset] = [:]
        for (name, contentType) in Self.assetTypes {
            assets[name] = Asset(contentType: contentType, text: try Self.resource(name))
        }
        self.assets = assets
    }

    /// Renders a template; every plain `{{value}}` in it is escaped.
    func render(_ name: String, _ values: [String: Any]) -> String {
        guard let html = templates.render(values, withTemplate: name) else {
            preconditionFailure("template \(name) is not among those that Pages reads at its start")
        }
        return html
    }

    private static func resource(_ name: String) throws -> String {
        let file = Bundle.module.bundleURL.appendingPathComponent("Resources").appendingPathComponent(name)
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw PagesError.unreadable(path: file.path, reason: String(describing: error))
        }
    }
}

/// The installation is incomplete: the one who installed the service must act.
package enum PagesError: Error, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case badTemplate(name: String, reason: String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "page resource \(path) cannot be read (\(reason)); install meterd together with its meterd_Web.resources"
        case .badTemplate(let name, let reason):
            "page template \(name) is malformed (\(reason)); install meterd together with its own meterd_Web.resources"
        }
    }
}
