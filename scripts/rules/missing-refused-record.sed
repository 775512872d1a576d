# Sources/Store/MissingSearch.swift
# A record that cannot be true is taken for a want of indices before it.
# StoreTests.CompletenessCutTests/refusedRecord
s/OR lastDay = ?3 AND firstDay = ?3 AND kind/OR lastDay > ?3 + 9999 AND kind/
