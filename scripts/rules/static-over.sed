# Sources/Store/MeterLoads.swift
# A dial that goes on is one that still stands.
# StoreTests.MeterCaseTests/standingDial
s/} else if let before, before\.isFault {/} else if let before, before.sights < 0 {/
