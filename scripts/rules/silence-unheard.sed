# Sources/Store/ConsumptionCheck.swift
# Of a meter that never answered nobody is told.
# StoreTests.RegisterCheckTests/neverHeard
s/if series\.lowerBound == 0 { try lookForUnheard(meters, toldOn, db) }//
