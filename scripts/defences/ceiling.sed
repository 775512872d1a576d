# Sources/VEE/DialRules.swift
# A dial may pass any energy in any time.
# index-after-reboot
s/if reading\.index - previous\.index > most + DialLimits\.step {/if reading.index - previous.index > most + reading.index + DialLimits.step {/
