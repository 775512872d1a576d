# Sources/VEE/DialRules.swift
# A dial may go back.
# StoreTests.SuspectCaseTests/glitch
/if reading\.index < previous\.index { return \.decreased/d
