# Sources/Store/CorrectionQueries.swift
# An index is in the bill of one period only.
# StoreTests.CorrectionTests/firstOfPeriod
s/days\.flatMap { \[\$0\.previous, \$0\] }\.map {/days.flatMap { [$0] }.map {/
