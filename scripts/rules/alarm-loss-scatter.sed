# Sources/Alarms/StationLoss.swift
# Every station has the same band.
# AlarmsTests.StationLossTests/scatter
s/max(thresholds\.lossSlack, middle(.*/thresholds.lossSlack/
