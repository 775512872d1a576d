# Sources/Store/ClassMeans.swift
# A district that knows too few has no class.
# StoreTests.ProjectedBillTests/fewInTheDistrict
s/means\[day\] = own\.mean ?? all\.mean/means[day] = own.mean/
