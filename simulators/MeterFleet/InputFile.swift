import Foundation
import Metering

/// Files that a person names.
package enum InputFile {
    /// - Throws: `InputFaults` that name the file, when it cannot be read.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            let remedy = exists ? "cannot be read; is it a file you may read?" : "does not exist; check the path"
            throw InputFaults([InputFault(file: path, field: "", value: "", remedy: remedy)])
        }
        return [UInt8](data)
    }

    /// `name` as seen from `folder`, unless it is absolute.
    static func path(_ name: String, in folder: String) -> String {
        name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
    }
}
