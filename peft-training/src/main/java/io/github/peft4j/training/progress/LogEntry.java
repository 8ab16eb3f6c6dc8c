package io.github.peft4j.training.progress;

import io.github.peft4j.training.evaluation.EvaluationResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the log that checkpoints carry, under the names of transformers' {@code log_history}.
 *
 * @param step steps done
 * @param values numbers by name: {@code loss}, {@code grad_norm}, {@code learning_rate} or {@code eval_loss}, {@code epoch} and more
 */
public record LogEntry(long step, Map<String, Double> values) {

    /** Copies the map. */
    public LogEntry {
        values = Map.copyOf(values);
    }

    /** What a step brought. */
    public static LogEntry of(StepReport report, double epoch) {
        return new LogEntry(
                report.step(),
                Map.of(
                        "loss", report.loss(),
                        "grad_norm", report.gradNorm(),
                        "learning_rate", report.learningRate(),
                        "epoch", epoch));
    }

    /** What an evaluation brought. */
    public static LogEntry of(EvaluationReport report, double epoch) {
        EvaluationResult result = report.result();
        return new LogEntry(
                report.step(),
                Map.of(
                        "eval_loss",
                        result.loss(),
                        "eval_runtime",
                        result.seconds(),
                        "eval_samples_per_second",
                        result.rows() / Math.max(result.seconds(), 1e-9),
                        "epoch",
                        epoch));
    }

    /** A value by name. */
    public OptionalDouble value(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** As Hugging Face's {@code trainer_state.json} has it in {@code log_history}. */
    public Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>(values);
        json.put("step", step);
        return json;
    }
}
