import Metering

/// How a meter's date and time lie in words: of its clock, of a record's timestamp.
package struct TimeEncoding: Hashable, Sendable {
    package enum Form: String, CaseIterable, Hashable, Sendable {
        /// Two words: whole seconds since 1970-01-01 00:00 UTC.
        case unixUTC = "unix-utc"
        /// Four words: the same seconds in 64 bits.
        case unixUTC64 = "unix-utc-64"
        /// Three words of two bytes: year - 2000 and month, day and hour, minute and second (Acrel).
        case byteWords = "byte-words"
        /// Four words (Schneider Electric): year - 2000 in bits 0-6; month in bits 8-11 and day in bits 0-4; hour in
        /// bits 8-12 and minute in bits 0-5; milliseconds of the minute. Weekday and flags are not looked at.
        case dateTime = "datetime"

        package var wordCount: Int {
            switch self {
            case .unixUTC: 2
            case .byteWords: 3
            case .unixUTC64, .dateTime: 4
            }
        }
    }

    /// Whose civil time the words show.
    package enum Zone: String, CaseIterable, Hashable, Sendable {
        /// The service calendar's.
        case local
        case utc
    }

    package let form: Form
    /// Of seconds; the other forms name each word.
    package let order: WordOrder
    /// `utc` for seconds since 1970.
    package let zone: Zone

    package init(form: Form, order: WordOrder = .big, zone: Zone = .local) {
        self.form = form
        self.order = order
        self.zone = form == .unixUTC || form == .unixUTC64 ? .utc : zone
    }

    package var wordCount: Int { form.wordCount }

    /// What the words say.
    package enum Content: Hashable, Sendable {
        case instant(Instant)
        /// No time: never set (all zeros or all ones), or no date of the calendar; with the reason.
        case absent(String)
    }

    /// Reads exactly this encoding's words. `calendar` turns local time into an instant.
    package func content(of words: some BidirectionalCollection<UInt16>, in calendar: ServiceCalendar) -> Content {
        precondition(words.count == wordCount, "a time is read from exactly its own words")
        guard !words.allSatisfy({ $0 == 0 }), !words.allSatisfy({ $0 == 0xFFFF }) else {
            return .absent("the clock is not set")
        }
        let words = Array(words)
        let shown = words.map(\.hex).joined(separator: " ")
        let (date, time): ((year: UInt16, month: UInt16, day: UInt16), (hour: UInt16, minute: UInt16, second: UInt16))
        switch form {
        case .unixUTC, .unixUTC64:
            let seconds = order.bits(of: words)
            // 32 bits of seconds reach to the year 2106; more is no time but other words.
            guard let seconds = UInt32(exactly: seconds) else { return .absent("0x\(shown) names no time") }
            return .instant(Instant(seconds: Int64(seconds)))
        case .byteWords:
            date = (words[0] >> 8, words[0] & 0xFF, words[1] >> 8)
            time = (words[1] & 0xFF, words[2] >> 8, words[2] & 0xFF)
        case .dateTime:
            date = (words[0] & 0x7F, words[1] >> 8 & 0xF, words[1] & 0x1F)
            time = (words[2] >> 8 & 0x1F, words[2] & 0x3F, words[3] / 1000)
        }
        guard
            let day = ServiceDay(year: 2000 + Int(date.year), month: Int(date.month), day: Int(date.day)),
            time.hour < 24, time.minute < 60, time.second < 60
        else { return .absent("0x\(shown) names no time") }
        let second = Int(time.hour) * 3600 + Int(time.minute) * 60 + Int(time.second)
        switch zone {
        case .utc: return .instant(Instant(seconds: Int64(day.number) * 86_400 + Int64(second)))
        case .local: return .instant(calendar.instant(on: day, second: second))
        }
    }
}

/// Where a meter shows its date and time.
package struct MeterClock: Hashable, Sendable {
    package let range: WordRange
    package let encoding: TimeEncoding
    /// The model has variants without it.
    package let isOptional: Bool

    package init(range: WordRange, encoding: TimeEncoding, isOptional: Bool = false) {
        precondition(Int(range.count) == encoding.wordCount, "a clock's range has its encoding's width")
        self.range = range
        self.encoding = encoding
        self.isOptional = isOptional
    }
}
