# Sources/HeadEnd/PollSchedule.swift
# What failed is asked again without end.
# busy
s/\.daytime: 2\]/.daytime: 200]/
