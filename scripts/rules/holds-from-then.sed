# Sources/Store/BillQueries.swift
# A case holds the bills of the months before it, too.
# StoreTests.SuspectCaseTests/holdsFromThen
s/return first < asOf \&\& first <= period\.through \&\& /return first < asOf + 60 \&\& /
