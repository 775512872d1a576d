# Sources/Store/ReadingJudgement.swift
# A dial that goes on as it should ends no case.
# StoreTests.SuspectCaseTests/glitch
/try cases\.pass(place\.meter, entry\.register, after: \.live/d
