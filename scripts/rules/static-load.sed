# Sources/Store/MeterLoads.swift
# A load that no dial counts makes a dial stand still.
# StoreTests.MeterCaseTests/standingDial
s/guard load >= StandingDial\.least else/guard load >= 0 else/
