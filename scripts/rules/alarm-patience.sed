# Sources/Alarms/AlarmBoard.swift
# An alarm is raised at its first bad look.
# AlarmsTests.AlarmBoardTests/life
s/, instant - since >= sign\.alarm\.patience\.raise {/, instant >= since {/
