# Sources/Alarms/AlarmBoard.swift
# A look between bad and good does not end the good time.
# AlarmsTests.AlarmBoardTests/slack
/case \.between:/,/case \.good/{/state\.goodSince = nil/d}
