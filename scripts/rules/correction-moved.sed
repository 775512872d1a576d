# Sources/Store/CorrectionQueries.swift
# A value that is as before rates bills again.
# StoreTests.CorrectionTests/edits
s/let moved = corrected\.filter { value(old, \$0) != value(new, \$0) }/let moved = corrected/
/func value(_ days: UsagePointDays/,/^        }/d
