# Sources/Store/HalfHourCheck.swift
# Half hours that were drawn over a silence count as measured.
# StoreTests.HalfHourCheckTests/drawn
s/\.filter { \$0\.quality != \.estimated }//
