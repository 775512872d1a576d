import Billing
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Metering
import Store
import Testing

@testable import Web

/// A real store in a folder of its own, filled through its own door, and the router over it.
///
/// Three usage points behind two gateways, May 2025 seen from 00:30 on 11 May: P1 has a frozen index every midnight
/// and uses 10 kWh a day; P2 misses 5 May, so that two days are estimated; P3's gateway has never answered.
final class WebFixture {
    let store: Store
    let server: WebServer
    private let folder: URL

    static let gatewayName = "G<1>"
    static let hostileName = "Lê <script>alert(1)</script> \"\u{338} onx='"
    static let today = ServiceDay(year: 2025, month: 5, day: 11) ?? ServiceDay(number: 0)
    static let now = ServiceCalendar.vietnam.start(of: today) + .minutes(30)

    init(
        headEnd: HeadEndFigures = HeadEndFigures(), isEmpty: Bool = false, isUnread: Bool = false,
        readMeter: @escaping MeterReader = { _, _ in nil }
    ) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("meterd-web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try Store(
            path: folder.appendingPathComponent("meterd.sqlite").path, role: .daemon, calendar: .vietnam)
        if !isEmpty { try Self.fill(store, isUnread: isUnread) }
        server = try WebServer(
            store: store, tariffs: TariffBook.load(folder: nil), calendar: .vietnam, now: { Self.now },
            listen: ListenAddress(host: "127.0.0.1", port: 0), version: "test", headEnd: { headEnd },
            readMeter: readMeter, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            figuresLifetime: .zero)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func get(_ address: String) async throws -> TestResponse {
        let application = Application(router: server.router(), logger: server.logger)
        return try await application.test(.router) { client in try await client.execute(uri: address, method: .get) }
    }

    func post(_ address: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        let application = Application(router: server.router(), logger: server.logger)
        return try await application.test(.router) { client in
            try await client.execute(uri: address, method: .post, headers: headers)
        }
    }

    /// `isUnread`: no meter has ever answered.
    private static func fill(_ store: Store, isUnread: Bool) throws {
        let first = try #require(ServiceDay(iso: "2025-04-25"))
        let registry = Registry(
            gateways: [
                Gateway(name: gatewayName, host: "127.0.0.1", district: "Đông"),
                Gateway(name: "G2", host: "127.0.0.2", district: "Tây"),
            ],
            usagePoints: [
                UsagePoint(name: "P1", customer: hostileName, station: "T1", district: "Đông"),
                UsagePoint(name: "P2", customer: "Trần Thị B", station: "T1", district: "Đông"),
                UsagePoint(name: "P3", customer: "Phạm C", station: "T2", district: "Tây", category: "business_low"),
            ],
            installations: [
                MeterInstallation(
                    serial: "S1", usagePoint: "P1", gateway: gatewayName, unit: 1, profile: "sdm630",
                    installedOn: first),
                MeterInstallation(
                    serial: "S2", usagePoint: "P2", gateway: gatewayName, unit: 2, profile: "sdm630", multiplier: 2,
                    installedOn: first),
                MeterInstallation(
                    serial: "S3", usagePoint: "P3", gateway: "G2", unit: 1, profile: "sdm630", installedOn: first),
            ])
        _ = try store.importRegistry(registry, at: now - .hours(500))
        let meters = Dictionary(
            uniqueKeysWithValues: try store.meters(inServiceOn: today).map { ($0.installation.serial, $0.id) })
        let gap = try #require(ServiceDay(iso: "2025-05-05"))
        var outcomes: [PollOutcome] = []
        for day in first...today {
            let midnight = ServiceCalendar.vietnam.start(of: day)
            let count = Int64(day - first)
            outcomes.append(
                frozen(
                    try #require(meters["S1"]), unit: 1, day: day, index: 1_000_000 + count * 10_000, at: midnight))
            if day != gap {
                outcomes.append(
                    frozen(
                        try #require(meters["S2"]), unit: 2, day: day, index: 500_000 + count * 3_001, at: midnight))
            }
        }
        for attempt in 0..<3 {
            let at = now - .minutes(Int64(10 * (3 - attempt)))
            outcomes.append(
                PollOutcome(
                    meter: try #require(meters["S3"]), gateway: "G2", unit: 1, transaction: 9, profile: "sdm630/1",
                    requested: at, answered: at + .seconds(2), result: .failure(.timeout)))
        }
        if !isUnread { _ = try store.ingest(outcomes) }
        for day in first...today { _ = try store.closeDay(day, at: now) }
    }

    private static func frozen(
        _ meter: MeterID, unit: UInt8, day: ServiceDay, index: Int64, at midnight: Instant
    ) -> PollOutcome {
        PollOutcome(
            meter: meter, gateway: gatewayName, unit: unit, transaction: 7, profile: "sdm630/1",
            requested: midnight + .minutes(5), answered: midnight + .minutes(5) + .seconds(1),
            result: .success([
                Reading(
                    register: .activeImport, moment: .frozen(day), index: Energy(wattHours: index),
                    words: [0x0012, 0xD687])
            ]))
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    func header(_ name: String) -> String? { headers.first { $0.name.canonicalName == name.lowercased() }?.value }
}
