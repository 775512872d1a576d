# Sources/Store/ReadingJudgement.swift
# Records that a wrong clock dated are believed.
# StoreTests.MeterCaseTests/wrongClock
s/, doubt\.covers(midnight: calendar\.start(of: day)) {/, doubt.covers(midnight: Instant(microseconds: 0)) {/
