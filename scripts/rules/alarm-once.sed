# Sources/Alarms/AlarmBoard.swift
# An alarm is raised at each bad look.
# AlarmsTests.AlarmBoardTests/life
s/if state\.raisedAt == nil, let since = state\.badSince/if let since = state.badSince/
