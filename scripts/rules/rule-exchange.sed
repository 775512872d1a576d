# Sources/Store/ConsumptionCheck.swift
# Rules see nothing of the meter that hung there before.
# StoreTests.WorkListTests/exchange
s/isSuccessor ? try energiesOfAll(at: meter, db) : //
