# Sources/HeadEnd/Patience.swift
# A time-out is never doubted.
# late-reply-inside
s/guard !isWhole, !isInDoubt, hasSeenAnswer else/guard hasSeenAnswer else/
