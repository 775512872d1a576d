# Sources/Store/MonthCheck.swift
# A period that an agreed change made is compared like a month.
# StoreTests.ContractTests/judgedAcrossChange
s/let calendar = calendars\[meter\.usagePointID\]/let calendar = calendars[-1]/
