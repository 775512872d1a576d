import Foundation
import Modbus
import Testing

@Suite("docs/PROFILES.md")
struct ProfileDocumentTests {
    @Test("the complete example is a profile without a fault")
    func example() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/PROFILES.md")
        let document = try String(contentsOf: file, encoding: .utf8)
        let example = try #require(document.components(separatedBy: "```yaml\n").dropFirst().first)
        let yaml = try #require(example.components(separatedBy: "```").first)
        let profile = try MeterProfile(yaml: yaml, file: "PROFILES.md")
        #expect(profile.label == "own-meter/1")
        #expect(profile.frozen?.recordWords == 6)
        #expect(profile.rolloverWattHours == 1_000_000_000)
        // import comes from the meter's own days, so only the optional export and the reactive dial are polled live.
        #expect(profile.livePlan.blocks.map(\.range.description) == ["FC3 0x0104+4", "FC3 0x0108+2"])
    }
}
