# Sources/VEE/ClockDoubt.swift
# The newest record says nothing of a clock that cannot be read.
# StoreTests.MeterCaseTests/newestRecord
s/return day == today ? \.zero : calendar\.start(of: day) - instant/return .zero/
