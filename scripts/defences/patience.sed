# Sources/HeadEnd/Patience.swift
# Late answers teach nothing about how slow a line is.
# late-reply-inside
s/let nanoseconds = min(nanoseconds, ceiling)/let nanoseconds = min(nanoseconds, floor \/ 8)/
