# Sources/Modbus/ReadReply.swift
# An exception may be of any length.
# exception-wrong-length
s/return pdu\.count == 2 ? /return pdu.count >= 2 ? /
