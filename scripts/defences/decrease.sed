# Sources/VEE/DialRules.swift
# A dial may go back.
# index-after-reboot rollover register-gap
/if reading\.index < previous\.index { return \.decreased/d
