# Sources/HeadEnd/Backoff.swift
# A connection that fails is tried again and again at once.
# garbage-on-connect rtu-frames
s/250 << min(failures, 7)/250 << min(failures, 0)/
