# Sources/Store/ReadingJudgement.swift
# What a fitter read of a first meter is held beside what it shows days later only if its first day is counted again.
# StoreTests.StartIndexTests/daysLater
/try startIndices\.look(/,/at: found\.answered)/d
