import Foundation
import Glibc
import Metering
import Testing

/// A folder of its own for one test, and the programs started in it. `leave()` ends them all and removes the folder;
/// nothing else does, so each test defers it.
final class Place {
    let folder: URL
    private var children: [Child] = []

    init() throws {
        // Short, because a socket's path may have 107 bytes at most.
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("e2e-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func leave() {
        for child in children.reversed() { child.end() }
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: - Files

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Writes a file, with the folders it lies in.
    func write(_ text: String, to name: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Rows of a CSV file by its header's names.
    func rows(of name: String) throws -> [[String: String]] { try CSVTable.rows(try read(name)) }

    /// `meterd.yaml`: a database in this folder, any free web port, and the rest as given.
    func configure(headEnd: String = "{}", clock: String? = nil) throws {
        let clock = clock.map { "clock: {simulated: \"\($0)\"}\n" } ?? ""
        try write(
            """
            time_zone: Asia/Ho_Chi_Minh
            store: {path: meterd.sqlite}
            head_end: \(headEnd)
            web: {listen: "127.0.0.1:0"}
            \(clock)
            """, to: "meterd.yaml")
    }

    // MARK: - Programs

    struct Result {
        let code: Int32
        let output: String
        let log: String
    }

    /// Starts a program that stays.
    func start(_ program: Program, _ arguments: String..., environment: [String: String] = [:]) throws -> Child {
        try start(program, arguments, environment)
    }

    private func start(_ program: Program, _ arguments: [String], _ environment: [String: String]) throws -> Child {
        let child = try Child(
            program, arguments, in: folder, number: children.count + 1, environment: environment)
        children.append(child)
        return child
    }

    /// Runs a program to its end.
    func run(_ program: Program, _ arguments: String..., within seconds: Int = 60) async throws -> Result {
        try await run(program, arguments, within: seconds)
    }

    func run(_ program: Program, _ arguments: [String], within seconds: Int = 60) async throws -> Result {
        let child = try start(program, arguments, [:])
        let code = try await child.code(within: seconds)
        return Result(code: code, output: child.output, log: child.log)
    }

    /// Runs `meterd` with this folder's configuration and gives back its output; throws unless it exits with 0.
    func meterd(_ arguments: String...) async throws -> String {
        let child = try start(.meterd, arguments + ["--config", "meterd.yaml"], [:])
        let code = try await child.code()
        guard code == 0 else {
            throw Refused(description: "meterd \(arguments.joined(separator: " ")): exit \(code): \(child.log)")
        }
        return child.output
    }

    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Invents a fleet in `fleet/` on free ports and takes its registry in.
    func importFleet(meters: Int, gateways: Int, profiles: String = "adl400,sdm630,abb-b23") async throws {
        let port = try Ports.free(gateways)
        let generated = try await run(
            .metersim, "generate", "--meters", "\(meters)", "--gateways", "\(gateways)", "--out", "fleet",
            "--seed", "7", "--first-port", "\(port)", "--profiles", profiles)
        try #require(generated.code == 0, "\(generated.log)")
        _ = try await meterd("registry", "import", "fleet")
    }

    /// Serves the fleet of `importFleet`.
    func serve(clock: String) async throws -> Child {
        let field = try start(.metersim, "serve", "fleet/fleet.yaml", "--clock", clock)
        _ = try await field.line(with: "serving")
        return field
    }

    /// Starts the daemon and waits until its control centre answers.
    func daemon(environment: [String: String] = [:]) async throws -> (child: Child, site: Site) {
        let child = try start(.meterd, "run", "--config", "meterd.yaml", environment: environment)
        let line = try await child.line(with: "control centre at ")
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }, "\(line)")
        return (child, Site(port: port))
    }

    /// The dials at each 00:00 as the fleet knows them, by usage point and day.
    func truth(from: String, to: String) async throws -> [String: [String: Int64]] {
        let told = try await run(
            .metersim, "truth", "fleet/fleet.yaml", "--from", from, "--to", to, "--register", "import")
        try #require(told.code == 0, "\(told.log)")
        var truth: [String: [String: Int64]] = [:]
        for row in try CSVTable.rows(told.output) {
            truth[try row.text("usage_point"), default: [:]][try row.text("day")] = try row.integer("index_wh")
        }
        return truth
    }
}

/// `START,SPEED,ANCHOR` for both programs.
enum SharedClock {
    /// The start lies so many seconds ahead, which leaves both programs time to come up.
    static func text(_ start: String, speed: Int, secondsAhead: Int64) -> String {
        let anchor = Instant(seconds: Int64(Date().timeIntervalSince1970) + secondsAhead)
        return "\(start),\(speed),\(anchor.rfc3339(offsetSeconds: 0))"
    }
}

enum Ports {
    struct Taken: Error, CustomStringConvertible {
        let description = "no free ports on loopback between 20000 and 32000"
    }

    /// The first of `count` ports in a row that nobody listens on. Below 32768, from where the system takes ports for
    /// whoever asks for any: another test does not get them between this look and their use.
    static func free(_ count: Int) throws -> Int {
        for _ in 0..<200 {
            let first = Int.random(in: 20_000..<32_000)
            if (first..<first + count).allSatisfy(isFree) { return first }
        }
        throw Taken()
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(clamping: port).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
