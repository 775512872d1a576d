# Sources/Store/DialChange.swift
# A meter that was taken down hangs there still.
# StoreTests.DialChangeTests/removal
s/guard !isRemoval else { return \[ended\] }/guard isRemoval else { return [ended] }/
