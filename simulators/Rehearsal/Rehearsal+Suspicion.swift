import HeadEnd
import Store

extension Rehearsal {
    /// Whether a model tells its own midnights afterwards, so that days are owed.
    static func keepsDays(_ model: ModelPlan) -> Bool { model.daysKept > 0 }

    /// What `Assembly` hands back to the head-end after a batch was stored: the meters that must prove themselves anew.
    func follow(_ report: IngestReport) {
        for (meter, gateway) in report.suspectMeters {
            lines.first { $0.conversation.plan.gateway.name == gateway }?.conversation.doubt(meter)
        }
    }
}
