# Sources/Store/CaseBook.swift
# A released day whose energy was not known keeps each close of it from ending.
# StoreTests.ExchangeTests/readWrongReleased
s/COALESCE(energy || ' Wh', 'what nobody knew')/energy || ' Wh'/
