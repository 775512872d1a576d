# Sources/VEE/Rollover.swift
# A dial may show more than it has digits for.
# StoreTests.SuspectCaseTests/kinds
s/{ \.zero <= shown && shown < span }/{ .zero <= shown }/
