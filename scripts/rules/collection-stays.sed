# Sources/Store/CollectionLooks.swift
# What the night came to at 06:00 is looked at again.
# StoreTests.CollectionTests/latest
s/WHERE at < ?8 OR at > excluded\.at/WHERE ?8 = ?8/
