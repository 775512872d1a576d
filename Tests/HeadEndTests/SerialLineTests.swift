import CLibmodbus
import Foundation
import Glibc
import Logging
import Metering
import Modbus
import Synchronization
import Testing

@testable import HeadEnd

/// Two pseudo-terminals with their far ends joined: what goes into one comes out of the other, like an RS-485 line.
private final class SerialCable: Sendable {
    let near: String
    let far: String
    private let masters: (Int32, Int32)
    private let isCut = Mutex(false)

    init?() {
        guard let (first, near) = Self.terminal(), let (second, far) = Self.terminal() else { return nil }
        self.near = near
        self.far = far
        masters = (first, second)
        Thread.detachNewThread { self.carry() }
    }

    private static func terminal() -> (Int32, String)? {
        // What posix_openpt, unlockpt and ptsname do; Swift's Glibc has none of them.
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard master >= 0, ioctl(master, Self.setLock, &lock) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { return nil }
        return (master, "/dev/pts/\(number)")
    }

    /// TIOCSPTLCK and TIOCGPTN.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    func cut() { isCut.withLock { $0 = true } }

    private func carry() {
        var bytes = [UInt8](repeating: 0, count: 512)
        while !isCut.withLock({ $0 }) {
            var ready = [
                pollfd(fd: masters.0, events: Int16(POLLIN), revents: 0),
                pollfd(fd: masters.1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ready, 2, 20) > 0 else { continue }
            for (from, to) in [(0, masters.1), (1, masters.0)] where ready[from].revents & Int16(POLLIN) != 0 {
                let count = read(ready[from].fd, &bytes, bytes.count)
                if count > 0 { _ = write(to, bytes, count) }
            }
        }
        close(masters.0)
        close(masters.1)
    }
}

/// A libmodbus RTU server with one unit's words, on a thread of its own.
private final class SerialServer: Sendable {
    private let isStopping = Mutex(false)
    private let ended: AsyncStream<Void>

    init(device: String, unit: Int32, inputs: [UInt16], from start: UInt32) {
        let (ended, end) = AsyncStream<Void>.makeStream()
        self.ended = ended
        Thread.detachNewThread {
            defer { end.finish() }
            guard let context = modbus_new_rtu(device, 9600, CChar(0x4E), 8, 1) else { return }
            defer { modbus_free(context) }
            modbus_set_slave(context, unit)
            modbus_set_indication_timeout(context, 0, 50_000)
            guard modbus_connect(context) == 0,
                let mapping = modbus_mapping_new_start_address(0, 0, 0, 0, 0, 0, start, UInt32(inputs.count))
            else { return }
            defer {
                modbus_mapping_free(mapping)
                modbus_close(context)
            }
            for (offset, word) in inputs.enumerated() { mapping.pointee.tab_input_registers[offset] = word }
            var request = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
            while !self.isStopping.withLock({ $0 }) {
                let length = modbus_receive(context, &request)
                if length > 0 { modbus_reply(context, request, length, mapping) }
            }
        }
    }

    func stop() async {
        isStopping.withLock { $0 = true }
        for await _ in ended {}
    }
}

@Suite("A serial line at the head-end's own machine")
struct SerialLineTests {
    @Test(
        "a line's name is device, speed and mode; anything else is refused",
        arguments: [
            ("/dev/ttyUSB0:9600:8N1", true), ("/dev/ttyS1:19200:8e2", true), ("/dev/ttyS1:7O1", false),
            ("/dev/ttyS1:9600:9N1", false), ("/dev/ttyS1:fast:8N1", false), (":9600:8N1", false),
            ("/dev/ttyS1:9600:8X1", false), ("192.0.2.1", false),
        ])
    func names(_ text: String, _ isValid: Bool) { #expect((SerialPort.Name(text) != nil) == isValid) }

    @Test("a libmodbus RTU server is read through a pair of terminals, also when an operator asks")
    func overTerminals() async throws {
        let cable = try #require(SerialCable())
        // 1,234.5 kWh, then zeros: the words of an SDM630.
        let server = SerialServer(device: cable.far, unit: 5, inputs: sdmWords, from: 0x48)
        let outcomes = Mutex<[PollOutcome]>([])
        let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let model = ModelPlan(try #require(try ProfileLibrary.load(folder: nil)["sdm630"]))
        let installed = ServiceDay(number: 20_179)
        // One unit: a libmodbus 3.1.6 server takes whatever follows a request to another unit for that one's answer.
        let meters = [MeterPlan(meter: MeterID(5), unit: 5, model: model, installedOn: installed)]
        let gateway = Gateway(
            name: "line", host: "\(cable.near):9600:8N1", timeoutMilliseconds: 200, transport: .rtu)
        let calendar = ServiceCalendar.vietnam
        let clock = ServiceClock.simulated(
            start: calendar.start(of: ServiceDay(number: 20_217)) + .hours(12), speed: 50_000,
            anchor: Instant(seconds: Int64(time(nil))))
        let headEnd = try HeadEnd(
            rhythm: .init(calendar: calendar), proof: .off, clock: clock,
            outcomes: OutcomeQueue(ageMilliseconds: 5, logger: quiet) { batch in outcomes.withLock { $0 += batch } },
            logger: quiet, seed: 3)
        await headEnd.adopt(GatewayPlan(gateway: gateway, meters: meters))
        try await headEnd.start()
        // A count is waited for; ten seconds only bound a failing test.
        for _ in 0..<500 where outcomes.withLock({ $0.count }) < 20 {
            try await Task.sleep(for: .milliseconds(20))
        }
        let demanded = await headEnd.read(MeterID(5), behind: "line")
        let state = await headEnd.state().lines
        await headEnd.stop()
        await server.stop()
        cable.cut()

        let all = outcomes.withLock { $0 }
        #expect(all.count >= 20)
        for outcome in all {
            guard case .success(let readings) = outcome.result else {
                Issue.record("\(outcome.result)")
                continue
            }
            #expect(readings.first?.index == Energy(wattHours: 1_234_500))
        }
        #expect(state.connected == 1 && state.figures.connects == 1)
        guard case .success(let readings)? = demanded?.first?.result else {
            Issue.record("the operator's read brought nothing")
            return
        }
        #expect(readings.first?.words == [0x449A, 0x5000])
    }
}
