# Sources/Modbus/FrameParser.swift
# Only the first frame of a segment is read.
# two-replies-one-segment
s/while !rest\.isEmpty {/if !rest.isEmpty {/
