import Glibc

/// What a trap leaves behind: the command that runs the same input again. A trap ends the process, so this is said by
/// a signal handler, which may only write bytes that lie ready.
enum CrashNote {
    // Written by the one thread that fuzzes, before each input; read by the handler on that same thread.
    private nonisolated(unsafe) static let iteration = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    // Written once, before the handler is set.
    private nonisolated(unsafe) static var prefix: UnsafeMutableBufferPointer<UInt8> = .allocate(capacity: 0)

    static func install(seed: UInt64) {
        iteration.pointee = 0
        let text = Array("\nfuzz: stopped by a trap; run this input again: make fuzz SEED=\(seed) ONLY=".utf8)
        prefix = .allocate(capacity: text.count)
        _ = prefix.initialize(from: text)
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            signal(number) { number in
                CrashNote.write()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    static func begin(_ number: UInt64) { iteration.pointee = number }

    private static func write() {
        _ = Glibc.write(2, prefix.baseAddress, prefix.count)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { digits in
            var (rest, position) = (iteration.pointee, 20)
            digits[position] = UInt8(ascii: "\n")
            repeat {
                position -= 1
                digits[position] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            _ = Glibc.write(2, digits.baseAddress.map { $0 + position }, 21 - position)
        }
    }
}
