# Sources/Alarms/AlarmRules.swift
# A rule that finds somewhat less is good.
# AlarmsTests.AlarmRuleTests/findings
s/(thresholds\.findingsTimes - 1) ? \.between : \.good/(thresholds.findingsTimes - 1) ? .good : .good/
