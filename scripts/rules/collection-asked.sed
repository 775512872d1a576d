# Sources/Alarms/AlarmRules.swift
# Those that were asked and gave nothing valid are counted on.
# AlarmsTests.CollectionLookTests/predicted
s/guard left > \.zero, waiting > 0 else { return known }/guard left > .zero else { return known }/
