import Hummingbird
import Logging
import Store

/// Turns what a route throws into an answer: a problem document for programs, a page for people.
/// What went wrong inside is for the log; the answer says only what the asker can do.
struct ProblemAnswers: RouterMiddleware {
    typealias Context = BasicRequestContext

    let server: WebServer

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let problem = problem(of: error, path: request.uri.path)
            var answer =
                request.uri.path.hasPrefix("/api/")
                ? Answer.problem(problem.document(instance: request.uri.path), status: problem.status)
                : Answer.text(server.page(problem), type: Answer.html, status: problem.status)
            answer.headers[.allow] = problem.allow?.rawValue
            return answer
        }
    }

    private func problem(of error: any Error, path: String) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let query as BadQuery: return .badQuery(query)
        case StoreError.unknownUsagePoint(let name): return .unknownUsagePoint(name)
        case let error as HTTPError where error.status == .notFound: return .unknownAddress(path)
        case let error as HTTPError:
            return Problem(
                status: error.status, kind: "refused", title: error.status.reasonPhrase,
                detail: error.body ?? "the request was not understood")
        default:
            server.logger.error(
                "a page or document could not be made", metadata: ["path": "\(path)", "error": "\(error)"])
            return .noAnswer
        }
    }
}

/// Ready-made answers.
enum Answer {
    static let html = "text/html; charset=utf-8"
    static let json = "application/json"

    static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func json(_ value: JSONValue) -> Response { text(value.text + "\n", type: json) }

    static func problem(_ document: JSONValue, status: HTTPResponse.Status) -> Response {
        text(document.text + "\n", type: "application/problem+json", status: status)
    }
}
