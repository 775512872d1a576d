# Sources/VEE/OpenDays.swift
# A newcomer's open days are not told.
# StoreTests.ProjectedBillTests/classMean
s/classMean(day)\.map { /classMean(day).flatMap { $0 < .zero ? $0 : nil }.map { /
