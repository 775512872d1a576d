# Sources/Alarms/AlarmRules.swift
# One gateway of a handful is a district.
# AlarmsTests.AlarmRuleTests/gateways
s/thresholds\.districtLost && lost > 1$/thresholds.districtLost/
