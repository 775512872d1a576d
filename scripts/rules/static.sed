# Sources/Store/MeterLoads.swift
# A dial that stands under load is nobody's case.
# StoreTests.MeterCaseTests/standingDial
s/if standing\.isFault, let index {/if standing.sights < 0, let index {/
