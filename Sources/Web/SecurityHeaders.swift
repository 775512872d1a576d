import Hummingbird

/// Headers for every answer. The pages need nothing from elsewhere, so nothing from elsewhere is allowed.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    private typealias Field = HTTPFields.Element

    private let fields: [(Field.Name, String)]

    init() {
        let policy =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        fields =
            [(.contentSecurityPolicy, policy), (.xContentTypeOptions, "nosniff")]
            + (Field.Name("Referrer-Policy").map { [($0, "no-referrer")] } ?? [])
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in fields { response.headers[name] = value }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
