# Sources/VEE/ConsumptionRule.swift
# Each further day without energy is told anew.
# VEETests.UnusualDayTests/zeroRun
s/return days\.contains(\(run(.*most: longest\) + 1))/return \1) == longest/
