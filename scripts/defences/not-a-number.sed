# Sources/Modbus/WordDecoding.swift
# A float that is no number is zero.
# not-available
s/?? \.failure(Unreadable(text: "not a number.*/?? .success(RawNumber(magnitude: 0))/
