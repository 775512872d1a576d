/// What a meter and its usage point are called: as the fleet file says, or made from the meter's number. Made only
/// when asked, because most requests never need a name.
package struct MeterNames: Hashable, Sendable {
    /// `nil` for the name made from the number.
    package let serial: String?
    package let usagePoint: String?
    /// The district's code, which begins the made usage point.
    package let district: String

    package init(serial: String? = nil, usagePoint: String? = nil, district: String) {
        self.serial = serial
        self.usagePoint = usagePoint
        self.district = district
    }

    /// `24000001` for meter 1: digits only, so that it fits every model's serial register.
    package static func serial(of number: Int64) -> String { String(24_000_000 + number) }

    /// `PA09010000001` for meter 1 of district `PA0901`.
    package static func usagePoint(of number: Int64, district: String) -> String {
        district + padded(number, digits: 7)
    }

    static func padded(_ number: Int64, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
