import Foundation
import InputFiles
import Metering

/// The meter models this installation knows: those that ship with it, and those of the utility's own folder.
package struct ProfileLibrary: Sendable {
    package let profiles: [String: MeterProfile]

    package init(profiles: [String: MeterProfile]) { self.profiles = profiles }

    package subscript(name: String) -> MeterProfile? { profiles[name] }

    /// Sorted.
    package var names: [String] { profiles.keys.sorted() }

    /// The built-in profiles and every `*.yaml` of `folder`, which may replace a built-in one by its name;
    /// `nil` for the built-in ones alone.
    /// - Throws: `InputFaults` with the faults of all files together; a folder that cannot be listed is one of them.
    package static func load(folder: String?) throws -> ProfileLibrary {
        var faults: [InputFault] = []
        let builtIn = Bundle.module.resourceURL?.appendingPathComponent("Profiles").path ?? "Profiles"
        var profiles = read(folder: builtIn, showing: { "built-in \($0)" }, &faults)
        if let folder {
            let own = read(folder: folder, showing: { "\(folder)/\($0)" }, &faults)
            profiles.merge(own) { _, own in own }
        }
        guard faults.isEmpty else { throw InputFaults(faults) }
        return ProfileLibrary(profiles: profiles)
    }

    private static func read(
        folder: String, showing shown: (String) -> String, _ faults: inout [InputFault]
    ) -> [String: MeterProfile] {
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            faults.append(
                InputFault(
                    file: folder, field: "", value: "",
                    remedy: "this folder of profiles cannot be listed (\(error.localizedDescription)); create it, let "
                        + "the service read it, or leave its setting away"))
            return [:]
        }
        var profiles: [String: MeterProfile] = [:]
        var sources: [String: String] = [:]
        for file in files.sorted() where file.hasSuffix(".yaml") {
            do {
                let text = try InputText.read("\(folder)/\(file)", name: shown(file))
                let profile = try MeterProfile(yaml: text, file: shown(file))
                if let other = sources.updateValue(shown(file), forKey: profile.name) {
                    faults.append(
                        InputFault(
                            file: shown(file), field: "profile", value: profile.name,
                            remedy: "is already the name of \(other); each profile of a folder needs its own"))
                }
                profiles[profile.name] = profile
            } catch let error as InputFaults {
                faults += error.faults
            } catch {
                faults.append(
                    InputFault(
                        file: shown(file), field: "", value: "",
                        remedy: "cannot be read (\(error.localizedDescription)); let the service read it"))
            }
        }
        return profiles
    }
}
