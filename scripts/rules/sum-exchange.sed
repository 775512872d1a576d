# Sources/Store/ConsumptionCheck.swift
# On the day of an exchange the rates of one meter are held against both.
# StoreTests.RegisterCheckTests/exchanged
s/isSuccessor \&\& meter\.stay\.installedOn == day ? nil : //
