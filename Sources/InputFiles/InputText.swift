import Foundation
import Metering

/// The text of a file that a person wrote.
package enum InputText {
    /// - Parameter name: what messages call it; `nil` for its path.
    /// - Throws: `InputFaults` for a file that cannot be read, or is not UTF-8.
    package static func read(_ path: String, name: String? = nil) throws(InputFaults) -> String {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw fault(
                name ?? path,
                "cannot be read (\(error.localizedDescription)); check that it is a file and that its permissions "
                    + "allow it")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw fault(name ?? path, "is not UTF-8 text; save it as UTF-8")
        }
        return text
    }

    private static func fault(_ file: String, _ remedy: String) -> InputFaults {
        InputFaults([InputFault(file: file, field: "", value: "", remedy: remedy)])
    }
}
