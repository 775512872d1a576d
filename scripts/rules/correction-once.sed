# Sources/Store/CorrectionQueries.swift
# What a person enters where there was nothing is told twice.
# StoreTests.CorrectionTests/firstByHand
s/AND audit\.at = firstKnown\.at AND oldRevision IS NULL)/AND audit.at = firstKnown.at AND oldRevision > 99)/
