# Sources/Store/DialChange.swift
# The turns of a dial are counted once more by the row after it.
# StoreTests.DialChangeTests/multiplierAfterRollover
s/turned = anchor - limits\.shown(anchor)/_ = anchor; turned = .zero/
