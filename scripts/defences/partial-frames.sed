# Sources/Modbus/FrameParser.swift
# The beginning of a frame is not kept for its rest.
# one-byte-segments
/case \.success:$/{n;d}
