import HeadEnd
import Metering
import Modbus
import Web

/// What `meterd probe` shows of a meter, for a terminal.
struct ExaminationText {
    let heading: ProbeHeading
    let examination: LibmodbusProbe.Examination
    let calendar: ServiceCalendar

    var text: String {
        var lines = [heading.line]
        for answer in examination.answers {
            lines += ProbeWords.frameLines(answer.frames)
            switch answer.result {
            case .failure(let failure): lines.append("  \(answer.range.place)  not read: \(failure)")
            case .success(let values): lines += values.map(line)
            }
        }
        if let clock = examination.clock {
            lines += ProbeWords.frameLines(clock.frames)
            lines.append("  \(clock.range.place)  \("clock".padding(to: 18))\(shown(clock))")
        }
        lines.append("  check       \(check)")
        for day in examination.days {
            lines += ProbeWords.frameLines(day.frames)
            let place = "  \(day.range.place)  "
            for (position, line) in self.lines(day).enumerated() {
                lines.append((position == 0 ? place : String(repeating: " ", count: place.count)) + line)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ value: DecodedValue) -> String {
        let name = value.value.name.padding(to: 18)
        return "  \(value.value.range.place)  \(name)\(shown(value).padding(to: 22))\(ProbeWords.hex(value.words))"
    }

    private func shown(_ value: DecodedValue) -> String {
        switch value.outcome {
        case .energy(let energy): ProbeWords.energy(energy, value.value.register)
        case .quantity(let number, let unit): "\(number) \(unit)"
        case .text(let text): text
        case .absent(let why): "not available (\(why))"
        }
    }

    private func shown(_ clock: LibmodbusProbe.Reply<LibmodbusProbe.ClockLook>) -> String {
        let look: LibmodbusProbe.ClockLook
        switch clock.result {
        case .failure(let failure): return "not read: \(failure)"
        case .success(let found): look = found
        }
        let words = ProbeWords.hex(look.words)
        switch look.content {
        case .absent(let why): return "not available (\(why))  \(words)"
        case .instant(let instant):
            let ahead = look.ahead?.seconds ?? 0
            let offset = ahead == 0 ? "as ours" : "\(ahead.magnitude) s \(ahead < 0 ? "behind" : "ahead of") ours"
            return "\(calendar.text(instant)), \(offset)  \(words)"
        }
    }

    private var check: String {
        switch examination.check {
        case .passed: "passed: what can be checked is such as the profile means it"
        case .failed(let sentences): "FAILED: \(sentences.joined(separator: "; "))"
        case .nothingToCheck: "nothing to check"
        }
    }

    private func lines(_ day: LibmodbusProbe.Reply<LibmodbusProbe.KeptDays>) -> [String] {
        switch day.result {
        case .failure(let failure): ["not read: \(failure)"]
        case .success(.dials(.empty)): ["no record"]
        case .success(.dials(.unreadable(let why))): ["unreadable: \(why)"]
        case .success(.dials(.record(let day, let readings))):
            stride(from: 0, to: readings.count, by: 3).map { start in
                let some = readings[start..<min(start + 3, readings.count)].map { ($0.register, $0.index) }
                return (start == 0 ? "\(day) 00:00  dials   " : String(repeating: " ", count: 26)) + listed(some)
            }
        case .success(.energies(let records)): records.map(line)
        }
    }

    private func line(_ record: DayEnergyRecord) -> String {
        switch record {
        case .empty: return "no record"
        case .unreadable(let why): return "unreadable: \(why)"
        case .day(let day):
            let energies = day.energies.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }
            let absent = day.absent.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.name) \($0.value)" }
            return "\(day.day) energy  " + ([listed(energies)] + absent).filter { !$0.isEmpty }.joined(separator: ", ")
                + "  stamped \(calendar.text(day.stamp))"
        }
    }

    private func listed(_ energies: [(Register, Energy)]) -> String {
        energies.map { "\($0.name) \(ProbeWords.energy($1, $0))" }.joined(separator: ", ")
    }
}

/// The same as a JSON document.
struct ExaminationDocument {
    let heading: ProbeHeading
    let examination: LibmodbusProbe.Examination
    let calendar: ServiceCalendar

    func json(frames: Bool) -> JSONValue {
        var json = heading.json.appending([
            "values": .array(examination.answers.flatMap(values)),
            "check": check,
        ])
        if let clock = examination.clock { json = json.appending(["clock": shown(clock)]) }
        if !examination.days.isEmpty { json = json.appending(["days": .array(examination.days.flatMap(days))]) }
        guard frames else { return json }
        var passed = examination.answers.map { ProbeWords.frames($0.frames, at: $0.range) }
        if let clock = examination.clock { passed.append(ProbeWords.frames(clock.frames, at: clock.range)) }
        passed += examination.days.map { ProbeWords.frames($0.frames, at: $0.range) }
        return json.appending(["frames": .array(passed)])
    }

    private func values(_ answer: LibmodbusProbe.Answer) -> [JSONValue] {
        switch answer.result {
        case .failure(let failure):
            [.members(["at": .string(answer.range.place), "failure": .string(failure.description)])]
        case .success(let values): values.map(shown)
        }
    }

    private func shown(_ value: DecodedValue) -> JSONValue {
        let json = JSONValue.members([
            "name": .string(value.value.name), "at": .string(value.value.range.place),
            "words": .string(ProbeWords.hex(value.words)),
        ])
        return switch value.outcome {
        case .energy(let energy): json.appending(index(energy, value.value.register))
        case .quantity(let number, let unit): json.appending(["value": .string(number), "unit": .string(unit)])
        case .text(let text): json.appending(["text": .string(text)])
        case .absent(let why): json.appending(["absent": .string(why)])
        }
    }

    private func index(_ energy: Energy, _ register: Register?) -> KeyValuePairs<String, JSONValue> {
        let index = JSONValue.integer(energy.wattHours)
        return ProbeWords.isReactive(register) ? ["index_varh": index] : ["index_wh": index]
    }

    private var check: JSONValue {
        let (result, sentences): (String, [String]) =
            switch examination.check {
            case .passed: ("passed", [])
            case .failed(let sentences): ("failed", sentences)
            case .nothingToCheck: ("nothing-to-check", [])
            }
        return .members(["result": .string(result), "sentences": .array(sentences.map { .string($0) })])
    }

    private func shown(_ clock: LibmodbusProbe.Reply<LibmodbusProbe.ClockLook>) -> JSONValue {
        let json = JSONValue.members(["at": .string(clock.range.place)])
        switch clock.result {
        case .failure(let failure): return json.appending(["failure": .string(failure.description)])
        case .success(let look):
            let read = json.appending(["words": .string(ProbeWords.hex(look.words))])
            switch look.content {
            case .absent(let why): return read.appending(["absent": .string(why)])
            case .instant(let instant):
                return read.appending([
                    "shown": .string(calendar.text(instant)), "ahead_s": .optional(look.ahead) { .integer($0.seconds) },
                ])
            }
        }
    }

    private func days(_ day: LibmodbusProbe.Reply<LibmodbusProbe.KeptDays>) -> [JSONValue] {
        let json = JSONValue.members(["at": .string(day.range.place)])
        switch day.result {
        case .failure(let failure): return [json.appending(["failure": .string(failure.description)])]
        case .success(.dials(.empty)): return [json.appending(["absent": .string("no record")])]
        case .success(.dials(.unreadable(let why))): return [json.appending(["absent": .string(why)])]
        case .success(.dials(.record(let day, let readings))):
            return [
                json.appending([
                    "day": .string(day.description), "indices": listed(readings.map { ($0.register, $0.index) }),
                ])
            ]
        case .success(.energies(let records)):
            return records.map { record in
                switch record {
                case .empty: json.appending(["absent": .string("no record")])
                case .unreadable(let why): json.appending(["absent": .string(why)])
                case .day(let day):
                    json.appending([
                        "day": .string(day.day.description), "stamp": .string(calendar.text(day.stamp)),
                        "energies": listed(
                            day.energies.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key, $0.value) }),
                    ])
                }
            }
        }
    }

    private func listed(_ energies: [(Register, Energy)]) -> JSONValue {
        .array(
            energies.map { register, energy in
                .members([
                    "register": .string(register.name),
                    ProbeWords.isReactive(register) ? "varh" : "wh": .integer(energy.wattHours),
                ])
            })
    }
}
