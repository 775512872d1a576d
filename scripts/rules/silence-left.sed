# Sources/Store/ConsumptionCheck.swift
# A meter that has left is waited for.
# StoreTests.RegisterCheckTests/silenceOfOneThatLeft
s/try DayCases(db)\.passSilence(ofThoseWhoLeftBy: .*//
