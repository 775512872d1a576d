# Sources/HeadEnd/PollSchedule.swift
# A silent unit is known by its number alone: the same number behind every other gateway is left out with it.
/^    private var parked: \[Int: Missed\] = \[:\]$/c\
    private nonisolated(unsafe) static var silent: [UInt8: Missed] = [:]\
    private var parked: [Int: Missed] {\
        get {\
            Dictionary(uniqueKeysWithValues: meters.indices.compactMap { place in\
                Self.silent[meters[place].unit].map { (place, $0) }\
            })\
        }\
        set { for place in meters.indices { Self.silent[meters[place].unit] = newValue[place] } }\
    }
