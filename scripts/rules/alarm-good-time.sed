# Sources/Alarms/AlarmBoard.swift
# An alarm is cleared at its first good look.
# AlarmsTests.AlarmBoardTests/life
s/, instant - since >= sign\.alarm\.patience\.clear {/, instant >= since {/
