# Sources/Store/DialledPeriod.swift
# A bill does not name why its index is another.
# StoreTests.LateTruthTests/afterTheBill
s/cause: index\.revision > 1 ? /cause: index.revision > 9 ? /
