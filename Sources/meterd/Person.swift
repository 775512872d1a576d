import Foundation

/// Who types a command.
enum Person {
    /// Behind `sudo` the one who called it.
    static var loggedIn: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["SUDO_USER"] ?? environment["LOGNAME"] ?? NSUserName()
    }
}
