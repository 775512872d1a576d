/// Columns of text for a terminal, each as wide as its widest cell. Vietnamese letters are one column wide each,
/// however many scalars they are made of.
struct TextTable {
    enum Alignment { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ alignments: [Alignment]) { self.alignments = alignments }

    /// A row may be shorter than the table; its missing cells are empty.
    mutating func add(_ cells: [String]) {
        precondition(cells.count <= alignments.count, "a row has as many cells as the table has columns")
        rows.append(cells + Array(repeating: "", count: alignments.count - cells.count))
    }

    /// The rows, each with its line end, columns two spaces apart, no spaces at the end of a line.
    func text(indent: String = "") -> String {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                line += (column > 0 ? "  " : "") + (alignments[column] == .left ? cell + gap : gap + cell)
            }
            while line.last == " " { line.removeLast() }
            return (line.isEmpty ? "" : indent) + line + "\n"
        }.joined()
    }
}
