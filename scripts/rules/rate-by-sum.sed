# Sources/Store/RatedPeriod.swift
# Rates without an index at a price change are known there.
# StoreTests.RatedBillTests/registers
s/parts\[change\] = /parts[change] = nil; _ = /; s/if isKnown { atChanges\[change\] =/if !isKnown { atChanges[change] =/
