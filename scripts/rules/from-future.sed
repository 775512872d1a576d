# Sources/Store/ReadingJudgement.swift
# A record of a day that has not begun is believed.
# StoreTests.IngestTests/fromFuture
s/if calendar\.start(of: day) > shown\.answered {/if false {/
