# Sources/Store/RatedPeriod.swift
# Energy in a register that no rate has is left out of a bill.
# StoreTests.RatedBillTests/unlistedRegister
s/let isWhole = isKnown \&\& addsUp/let isWhole = isKnown/
