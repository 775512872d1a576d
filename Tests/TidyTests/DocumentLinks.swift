/// The links of a Markdown file to files of the repository.
enum DocumentLinks {
    /// `](path)`, `](path#part)` and a page of docs/ named in backticks; no web addresses, no parts of the same page.
    static func all(in document: SourceFile) -> [(line: Int, path: String)] {
        var isFenced = false
        return document.lines.enumerated().flatMap { position, line -> [(line: Int, path: String)] in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isFenced.toggle() }
            guard !isFenced else { return [] }
            let links = line.matches(of: /\]\(<?(?<path>[^)\s>]+)/).map { String($0.path) }
                .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") && !$0.hasPrefix("#") }
                .map { Self.resolve(String($0.prefix { $0 != "#" }), beside: document.path) }
            let named = line.matches(of: /`(?<path>docs\/[\w.\/-]+\.md)`/).map { String($0.path) }
            return (links + named).map { (position + 1, $0) }
        }
    }

    /// A path relative to the document's folder, as a path below the root.
    private static func resolve(_ link: String, beside document: String) -> String {
        var folders = document.split(separator: "/").dropLast().map(String.init)
        for part in link.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": if folders.isEmpty { folders.append("..") } else { folders.removeLast() }
            default: folders.append(String(part))
            }
        }
        return folders.joined(separator: "/")
    }

    static func findings(in document: SourceFile, exists: (String) -> Bool) -> [Finding] {
        all(in: document).filter { !exists($0.path) }.map {
            Finding(
                path: document.path, line: $0.line, remedy: "there is no \($0.path): correct the link or write the page"
            )
        }
    }
}
