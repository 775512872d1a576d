# Sources/Store/DialledPeriod.swift
# Energy is projected onto a dial that went back.
# StoreTests.ProjectedBillTests/wentBack
s/parts\.contains { \$0\.energy < \.zero } ? nil : rules\.openDays/rules.openDays/
