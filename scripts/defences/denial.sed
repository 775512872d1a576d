# Sources/HeadEnd/HoleMemory.swift
# A meter that denies everything teaches what it lacks.
# exceptions
s/guard value < 64, !denying\.contains(key) else/guard value < 64 else/
s/splits\[place\]?\.missing = 0/splits[place]?.missing |= 0/
s/splits = splits\.filter { \$0\.key\.key != key }/splits = splits.filter { $0.key.key != key || $0.value.missing != 0 }/
