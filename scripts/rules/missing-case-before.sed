# Sources/Store/MissingSearch.swift
# A case that nothing was seen of since the day began is a reason.
# StoreTests.CompletenessCutTests/solved
/SELECT meter, kind FROM meterCase/{n;s/lastSeen >= ?2/?2 > 0/}
