import Testing

/// Starts the built `meterd` and `metersim` as a person would and looks at what a person sees: exit codes, texts,
/// files, pages. One test at a time, because each starts programs that want the processor.
@Suite("The built programs", .serialized, .timeLimit(.minutes(3)))
struct EndToEndTests {}
