# Sources/Store/CaseActs.swift
# What a reset explains of a meter's own records stays open.
# StoreTests.DialChangeTests/records
s/(lastDay IS NULL OR firstDay >= ?2 AND/(lastDay IS NULL OR firstDay > ?2 + 9999 AND/
