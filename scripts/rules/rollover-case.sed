# Sources/Store/ReadingJudgement.swift
# A dial begins at 0 again and nobody is told.
# StoreTests.SuspectCaseTests/rollover
s/if judgement\.isRollover, let previous {/if judgement.isRollover, previous == nil, let previous {/
