/// A value axis from zero: whole values in, whole picture units out, so that a chart is the same on every machine.
struct ChartScale {
    /// The axis ends here: a whole number of steps, at or above the largest value.
    let top: Int64
    let step: Int64
    /// Length of the axis in picture units.
    let length: Int

    /// Steps of 1, 2 or 5 times a power of ten, `steps` of them at the most.
    init(largest: Int64, smallestStep: Int64, steps: Int, length: Int) {
        precondition(smallestStep > 0 && steps > 0, "an axis has steps")
        var step = smallestStep
        var power = smallestStep
        search: while true {
            for factor in [1, 2, 5] as [Int64] {
                step = power * factor
                if largest <= step * Int64(steps) { break search }
            }
            power *= 10
        }
        self.step = step
        top = max(step, (largest + step - 1) / step * step)
        self.length = length
    }

    /// Picture units from zero; values outside the axis stop at its ends.
    func units(_ value: Int64) -> Int {
        Int(min(max(value, 0), top) * Int64(length) / top)
    }

    var ticks: [Int64] { Array(stride(from: 0, through: top, by: Int64.Stride(step))) }
}
