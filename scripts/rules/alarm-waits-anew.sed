# Sources/Alarms/AlarmBoard.swift
# A look between bad and good does not end the wait.
# AlarmsTests.AlarmBoardTests/slack
s/known\[sign\.alarm\] = state\.raisedAt == nil ? nil : state$/known[sign.alarm] = state/
