# Sources/Alarms/AlarmBoard.swift
# What another alarm explains is told all the same.
# AlarmsTests.AlarmBoardTests/children
s/case \.raised(let alarm, _): known\[alarm\].*/case .raised: true/
