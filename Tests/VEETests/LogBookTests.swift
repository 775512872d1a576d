import Testing

@Suite("the log book itself")
struct LogBookTests {
    @Test(
        "stops at what it does not understand and names the line",
        arguments: [
            ("digit 5", "line 1 of the log book: unknown word \"digit\": digit 5"),
            ("digits five", "\"five\" is no number of digits"),
            ("digits", "digits is missing"),
            ("\n\nceiling 15180", "line 3 of the log book: \"W\" is missing"),
            ("ceiling 15180 kW", "\"kW\" where \"W\" belongs"),
            ("window 15", "\"15\" is no span like 15m"),
            ("window 15d", "\"15d\" is no span like 15m"),
            ("zone Atlantis", "no such time zone"),
            ("digits 5 6", "\"6\" is too much"),
            ("read 02-30 10:00 1.000 kWh -> accepted", "\"02-30\" is no MM-DD"),
            ("read 04-30 1000 1.000 kWh -> accepted", "\"1000\" is no time like 23:50"),
            ("read 04-30 10:00 1 kWh -> accepted", "\"1\" is no number of kWh like 120.500"),
            ("read 04-30 10:00 1.000 -> accepted", "\"->\" where \"kWh\" belongs"),
            ("read 04-30 10:00 1.000 kWh", "\"->\" is missing"),
            ("read 04-30 10:00 1.000 kWh -> fine", "unknown verdict \"fine\""),
            ("read 04-30 10:00 1.000 kWh -> decreased", "\"by\" is missing"),
            ("index 04-30 1.000 kWh 0.500 measured", "\"0.500\" is no error bound like ±0.512"),
            ("index 04-30 1.000 kWh ±0.512 guessed", "unknown quality \"guessed\""),
            ("fill 04-01 04-03", "nothing is known of 2025-04-01"),
        ])
    func refuses(page: String, message: String) {
        let mistake = #expect(throws: LogBook.Mistake.self) { try LogBook(page) }
        #expect(mistake?.description.contains(message) == true, "\(String(describing: mistake))")
    }

    @Test(
        "a page that does not tell what happened does not pass",
        arguments: [
            // A wrong verdict, an index too many; left out, a wrong value, bound, quality.
            "read 04-30 10:00 1.000 kWh -> late",
            "read 04-30 10:00 1.000 kWh -> accepted\nindex 04-30 1.000 kWh ±0.000 measured",
            aroundMidnight,
            aroundMidnight + "index 04-30 1.001 kWh ±0.000 measured",
            aroundMidnight + "index 04-30 1.000 kWh ±0.001 measured",
            aroundMidnight + "index 04-30 1.000 kWh ±0.000 estimated",
        ])
    func differs(page: String) throws {
        let book = try LogBook(page)
        #expect(book.happened != book.written)
    }

    private static let aroundMidnight = """
        read 04-29 23:50 1.000 kWh -> accepted
        read 04-30 00:10 1.000 kWh -> accepted

        """

    @Test("a page that tells what happened passes")
    func agrees() throws {
        let book = try LogBook(Self.aroundMidnight + "index  04-30   1.000 kWh ±0.000 measured   # as above")
        #expect(book.happened == book.written)
        #expect(book.happened.count == 3)
    }
}
