# Sources/Store/IndexWriter.swift
# A closed day that changed is not counted again.
# StoreTests.DayClosingTests/reopenedDaysLast
/for day in touched { try reopen\.run(day) }/d
