# Sources/Store/MeterLoads.swift
# A dial that goes on stays a case.
# StoreTests.MeterCaseTests/standingDial
s/} else if before?\.isFault == true {/} else if standing.sights < 0 {/
