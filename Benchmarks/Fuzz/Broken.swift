/// Something that must always hold and did not.
struct Broken: Error, CustomStringConvertible {
    let description: String
}

/// Throws unless the statement holds; the sentence says what it would have been.
func always(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(Broken) {
    guard holds else { throw Broken(description: sentence()) }
}
