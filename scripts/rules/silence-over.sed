# Sources/Store/ConsumptionCheck.swift
# A meter that is read again still waits for a visit.
# StoreTests.RegisterCheckTests/silence
/heard\.append(meter\.meter)/d
