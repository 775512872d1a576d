# Sources/Store/UsagePointDays.swift
# The day of an exchange is known by one of its meters.
# StoreTests.ExchangeTests/unread
s/\(guard let part = meters\[position\]\.consumption(on: day) else {\) return nil }/\1 continue }/
