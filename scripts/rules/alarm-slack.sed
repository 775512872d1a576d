# Sources/Alarms/Alarm.swift
# What is not bad is good.
# AlarmsTests.AlarmBoardTests/slack
s/value <= clear ? \.good : \.between/value <= clear ? .good : .good/
