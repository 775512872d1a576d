# Sources/Store/CaseBook.swift
# A released day may turn out to have taken anything.
# StoreTests.WorkListTests/reopened
s/WHERE energy IS NOT excluded\.energy OR firstDay/WHERE closed IS NULL AND energy IS NOT excluded.energy OR firstDay/
