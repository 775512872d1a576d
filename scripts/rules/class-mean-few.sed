# Sources/Store/ClassMeans.swift
# A few homes tell their class.
# StoreTests.ProjectedBillTests/fewInTheDistrict
s/known < Self\.knownMin ? nil/known < 1 ? nil/
