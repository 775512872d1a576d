# Sources/Alarms/AlarmRules.swift
# At 06:00 something is still predicted.
# AlarmsTests.CollectionLookTests/predicted
s/guard left > \.zero, waiting > 0 else { return known }/guard waiting > 0 else { return known }/
