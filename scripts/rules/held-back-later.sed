# Sources/Store/BillQueries.swift
# What is held back today holds every bill up to a day that is estimated, however old.
# StoreTests.BillTests/heldBackLater
s/shownAgain\.map { \$0 <= began }/shownAgain.map { false \&\& $0 <= began }/
