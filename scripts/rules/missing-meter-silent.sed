# Sources/Store/MissingSearch.swift
# A gateway's word that the meter is silent is an answer.
# StoreTests.CompletenessCutTests/reasons
s/ || Self\.silentTexts\.contains(text)$//
