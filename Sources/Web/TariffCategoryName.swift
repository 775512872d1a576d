/// A tariff category of the registry in words, Vietnamese as in the ministry's price table and in short English.
struct TariffCategoryName: Hashable {
    let vietnamese: String
    let english: String

    /// `nil` for a category that is not known here: it is shown by its code.
    init?(_ category: String) {
        if let name = Self.residential[category] {
            (vietnamese, english) = name
            return
        }
        guard let group = Self.groups.first(where: { category.hasPrefix($0.code) }),
            let rest = Self.parts(of: category.dropFirst(group.code.count))
        else { return nil }
        vietnamese = ([group.vietnamese] + rest.map(\.vietnamese)).joined(separator: ", ")
        english = ([group.english] + rest.map(\.english)).joined(separator: ", ")
    }

    private typealias Words = (vietnamese: String, english: String)

    private static let residential: [String: Words] = [
        "residential": ("Sinh hoạt", "residential"),
        "residential_shared": ("Sinh hoạt, nhiều hộ dùng chung công tơ", "residential, several households"),
        "residential_renter": ("Sinh hoạt, nhà cho thuê có kê khai số người", "residential, declared renters"),
        "residential_renter_undeclared": (
            "Sinh hoạt, nhà cho thuê không kê khai đủ số người", "residential, undeclared renters"
        ),
        "residential_irregular": ("Sinh hoạt, kỳ không đủ tháng", "residential, irregular period"),
        "residential_meter_change": ("Sinh hoạt, kỳ có thay công tơ", "residential, meter exchanged"),
        "residential_prepaid": ("Sinh hoạt, công tơ trả trước", "residential, prepaid"),
    ]

    private struct Part {
        let code: String
        let vietnamese: String
        let english: String

        init(_ code: String, _ vietnamese: String, _ english: String) {
            (self.code, self.vietnamese, self.english) = (code, vietnamese, english)
        }
    }

    /// What a code begins with.
    private static let groups = [
        Part("production", "Sản xuất", "production"), Part("business", "Kinh doanh", "business"),
        Part(
            "admin_hospital_school", "Bệnh viện, nhà trẻ, mẫu giáo, trường phổ thông",
            "hospitals, kindergartens, schools"
        ),
        Part("admin_other", "Chiếu sáng công cộng, đơn vị hành chính sự nghiệp", "public lighting, administration"),
        Part("wholesale", "Bán buôn", "wholesale"), Part("lodging", "Cơ sở lưu trú du lịch", "tourist lodging"),
        Part("ev_charging", "Trạm sạc xe điện", "charging of electric vehicles"),
    ]

    /// What may follow, the longer code of two that begin alike first.
    private static let following = [
        Part("ge220kv", "từ 220 kV trở lên", "220 kV and above"),
        Part("35_220kv", "trên 35 kV đến dưới 220 kV", "above 35 to below 220 kV"),
        Part("1_35kv", "trên 1 kV đến 35 kV", "above 1 to 35 kV"), Part("gt1kv", "trên 1 kV", "above 1 kV"),
        Part("le1kv", "đến 1 kV", "up to 1 kV"), Part("urban", "đô thị", "urban"),
        Part("ge110kv", "từ 110 kV trở lên", "110 kV and above"),
        Part("ge22kv", "từ 22 kV trở lên", "22 kV and above"), Part("ge6kv", "từ 6 kV trở lên", "6 kV and above"),
        Part("22_110kv", "từ 22 kV đến dưới 110 kV", "22 to below 110 kV"),
        Part("6_22kv", "từ 6 kV đến dưới 22 kV", "6 to below 22 kV"), Part("lt6kv", "dưới 6 kV", "below 6 kV"),
        Part("110kv", "110 kV", "110 kV"), Part("gt100mva", "trên 100 MVA", "above 100 MVA"),
        Part("50_100mva", "từ 50 MVA đến 100 MVA", "50 to 100 MVA"), Part("lt50mva", "dưới 50 MVA", "below 50 MVA"),
        Part("rural", "nông thôn", "rural"), Part("city", "thành phố, thị xã", "city"),
        Part("town", "thị trấn, huyện lỵ", "town"),
        Part("complex", "tổ hợp thương mại – dịch vụ – sinh hoạt", "trade, service and residential complex"),
        Part("industrial_zone", "khu công nghiệp", "industrial zone"),
        Part("zone", "khu công nghiệp", "industrial zone"), Part("market", "chợ", "market"),
        Part("residential", "sinh hoạt", "residential use"), Part("other", "mục đích khác", "other use"),
        Part("seller", "trạm biến áp của bên bán", "seller's transformer"),
        Part("buyer", "trạm biến áp của bên mua", "buyer's transformer"),
    ]

    /// `nil` where a part of it has no words.
    private static func parts(of code: Substring) -> [Part]? {
        guard !code.isEmpty else { return [] }
        guard code.first == "_" else { return nil }
        let text = code.dropFirst()
        for part in following where text.hasPrefix(part.code) {
            if let rest = parts(of: text.dropFirst(part.code.count)) { return [part] + rest }
        }
        return nil
    }
}
