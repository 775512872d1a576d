# Sources/Store/ReadingJudgement.swift
# A record put right ends no case.
# StoreTests.SuspectCaseTests/recordPutRight
/try cases\.pass(place\.meter, entry\.register, after: \.frozen/d
