import HeadEnd
import Store

extension Rehearsal {
    /// Whether a model keeps its own midnights, so that days are owed.
    static func keepsDays(_ model: ModelPlan) -> Bool { model.frozen != nil }

    /// What `Assembly` hands back to the head-end after a batch was stored: in this state of the house, nothing.
    func follow(_ report: IngestReport) {}
}
