# Sources/Store/CaseBook.swift
# A silence that was told of and passed counts as told.
# StoreTests.RegisterCheckTests/silenceGoesOn
s/ AND state <> 'passed' AND kind IN (SELECT value FROM json_each(?3))/ AND kind IN (SELECT value FROM json_each(?3))/
