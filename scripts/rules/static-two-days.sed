# Sources/VEE/StandingDial.swift
# Three sights in an hour make a dial stand still.
# StoreTests.MeterCaseTests/standingDial
s/ && seen - since >= Self\.spanNeeded }/ }/
