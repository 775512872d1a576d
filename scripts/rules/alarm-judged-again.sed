# Sources/Store/Alarms.swift
# While a day is judged again the day before it speaks for it.
# StoreTests.AlarmStoreTests/judgedAgain
s/(SELECT MAX(day) AS day FROM closedDay WHERE day < (SELECT MAX(day) FROM closedDay))/(SELECT MAX(day) AS day FROM closedDay WHERE day < (SELECT MAX(day) FROM closedDay) AND day NOT IN (SELECT day FROM unjudgedDay))/
