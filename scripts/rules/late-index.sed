# Sources/Store/IndexWriter.swift
# What was known first of a day stays.
# StoreTests.LateTruthTests/afterTheBill
s/guard isPersonal || index\.quality\.mayReplace(existing\.quality) else/guard isPersonal else/
