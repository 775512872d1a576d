import Hummingbird

/// Why a request was not answered with what it asked for.
/// To a program it is a problem document (RFC 9457), to a person a page; both say what would be right.
struct Problem: Error {
    let status: HTTPResponse.Status
    /// Last part of the problem's type, `urn:meterd:problem:…`; stable, for programs.
    let kind: String
    let title: String
    let detail: String
    var faults: [QueryFault] = []
    /// What may be done at this address instead, where the method is wrong.
    var allow: HTTPRequest.Method?

    static func badQuery(_ query: BadQuery) -> Problem {
        let count = query.faults.count
        return Problem(
            status: .badRequest, kind: "bad-query", title: "The query has faults",
            detail: count == 1 ? "1 parameter is wrong; see faults" : "\(count) parameters are wrong; see faults",
            faults: query.faults)
    }

    static func unknownUsagePoint(_ name: String) -> Problem {
        Problem(
            status: .notFound, kind: "unknown-usage-point", title: "No such usage point",
            detail: "usage point \"\(name)\" is not in the registry; search for it on the control centre's page")
    }

    static func unknownAddress(_ path: String) -> Problem {
        Problem(
            status: .notFound, kind: "unknown-address", title: "No such address",
            detail: "nothing is served at \(path); the control centre is at /")
    }

    static func wrongMethod(_ right: HTTPRequest.Method, at path: String) -> Problem {
        Problem(
            status: .methodNotAllowed, kind: "wrong-method", title: "Wrong method",
            detail: "\(path) is asked with \(right.rawValue)", allow: right)
    }

    static let noAnswer = Problem(
        status: .serviceUnavailable, kind: "no-answer", title: "The store does not answer",
        detail: "the reason is in the service's log; try again in a few seconds")

    func document(instance: String) -> JSONValue {
        let document = JSONValue.members([
            "type": .string("urn:meterd:problem:\(kind)"), "title": .string(title),
            "status": .integer(status.code), "detail": .string(detail), "instance": .string(instance),
        ])
        guard !faults.isEmpty else { return document }
        return document.appending([
            "faults": .array(
                faults.map { fault in
                    .members([
                        "parameter": .string(fault.parameter), "value": .string(fault.value),
                        "remedy": .string(fault.remedy),
                    ])
                })
        ])
    }
}
