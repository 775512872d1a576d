# Sources/Store/CustomerBill.swift
# A person who has read a meter has not looked at it.
# StoreTests.ProjectedBillTests/readByPersons
s/let told = estimated - entered + projected/let told = estimated + projected/
