# Sources/Alarms/AlarmBoard.swift
# What another alarm explains is shown beside it.
# AlarmsTests.AlarmBoardTests/children
s/state\.raisedAt != nil && state\.parent.*/state.raisedAt != nil/
