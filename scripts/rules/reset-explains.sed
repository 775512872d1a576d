# Sources/Store/DialChange.swift
# A reset that was told leaves its case open.
# StoreTests.DialChangeTests/reset
/try acts\.explained(old\.id, /d
/try acts\.write(\.explained, on: id, /d
s/let acts = try CaseActWriter(db)/_ = try CaseActWriter(db)/
