# Sources/Store/Alarms.swift
# What became of an alarm is forgotten with it.
# StoreTests.AlarmStoreTests/past
s/for change in changes { try Self\.note(change\.event(at: instant), db) }//
