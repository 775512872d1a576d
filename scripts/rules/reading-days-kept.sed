# Sources/Store/ContractRows.swift
# An import that changes the reading days forgets which held until then.
# StoreTests.ContractTests/changedReadingDay
s/guard let old = known?\.readingDays, old != /guard let old = known?.readingDays, false, old != /
