# Sources/Store/DayClosing.swift
# A day that comes along with another loses its own mark.
# StoreTests.DayClosingTests/reopenedSomeAtATime
s/if days\.contains(day) { try HotStatement/do { try HotStatement/
