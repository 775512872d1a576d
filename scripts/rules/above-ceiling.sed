# Sources/VEE/DialRules.swift
# A dial may pass any energy in any time.
# StoreTests.SuspectCaseTests/kinds
/if reading\.index - previous\.index > most + DialLimits\.step {/d
