# Sources/Store/CustomerBill.swift
# A bill may be estimated as a whole.
# StoreTests.ProjectedBillTests/share
s/guard told \* 100 > days \* sharePercentMax else/guard told > days, sharePercentMax >= 0 else/
