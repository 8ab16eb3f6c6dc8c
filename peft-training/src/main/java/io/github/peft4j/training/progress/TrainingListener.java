package io.github.peft4j.training.progress;

import io.github.peft4j.training.FineTuner;
import io.github.peft4j.training.evaluation.Evaluation;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Follows a training run: progress, reports, pictures. All methods are called by the training thread, between steps.
 *
 * <p>A run is worth more than its report: a listener that throws is logged and left out for the rest of the run, which goes on. To stop a
 * run, interrupt its thread or use {@link FineTuner#stopWhen}.
 */
public interface TrainingListener {

    /** What it is called in messages: what it writes and where, for example. */
    default String name() {
        return getClass().getName();
    }

    /** The run begins. */
    default void started(Start start) {}

    /** A step was done. */
    default void step(Step report) {}

    /** The model was evaluated. */
    default void evaluated(Evaluated report) {}

    /** A checkpoint is complete. */
    default void saved(Saved report) {}

    /** The run has ended, in whatever way; the last call. */
    default void finished(TrainingResult result) {}

    /**
     * What a step did.
     *
     * @param step its number, from 1
     * @param loss mean negative log-likelihood over the supervised tokens of the whole accumulated batch, before the update
     * @param gradNorm global L2 norm of the gradients before clipping
     * @param learningRate the rate the step was taken with
     * @param tokens real tokens, without padding and virtual tokens
     * @param supervisedTokens tokens that had to be predicted
     * @param seconds wall time of the step alone
     */
    record Step(
            long step,
            double loss,
            double gradNorm,
            double learningRate,
            long tokens,
            long supervisedTokens,
            double seconds) {}

    /**
     * An evaluation during training.
     *
     * @param step steps done before it
     * @param result what it found
     */
    record Evaluated(long step, Evaluation.Result result) {}

    /**
     * A checkpoint that is complete on disk.
     *
     * @param step steps done
     * @param checkpoint its folder
     */
    record Saved(long step, Path checkpoint) {}

    /**
     * What a run is about to do.
     *
     * @param firstStep steps done already: 0, or those of the checkpoint that the run goes on from
     * @param steps steps that will be done in the end
     * @param epochs passes over the data that this means
     * @param trainableParameters parameters that training changes
     * @param allParameters parameters of the model, shared ones once
     * @param history what was logged before, if the run goes on from a checkpoint; under transformers' names, for example
     *     {@code {"step": 1, "epoch": 0.1, "loss": 2.3, "grad_norm": 0.9, "learning_rate": 1e-4}}
     * @param settings what the run's numbers depend on, as text by name: settings of the run and of what is trained, the data, the model
     */
    record Start(
            long firstStep,
            long steps,
            double epochs,
            long trainableParameters,
            long allParameters,
            List<Logged> history,
            Map<String, String> settings) {

        /** Copies list and map, and keeps the map's order. */
        public Start {
            history = List.copyOf(history);
            settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        }
    }

    /**
     * One entry of the log that checkpoints carry, under the names of transformers' {@code log_history}.
     *
     * @param step steps done
     * @param values numbers by name: {@code loss}, {@code grad_norm}, {@code learning_rate} or {@code eval_loss}, {@code epoch} and more; not
     *     those that are not defined
     */
    record Logged(long step, Map<String, Double> values) {

        /** Copies the map. */
        public Logged {
            values = Map.copyOf(values);
        }

        /** What a step brought. */
        public static Logged of(TrainingListener.Step report, double epoch) {
            return new Logged(
                    report.step(),
                    Map.of(
                            "loss", report.loss(),
                            "grad_norm", report.gradNorm(),
                            "learning_rate", report.learningRate(),
                            "epoch", epoch));
        }

        /** What an evaluation brought. */
        public static Logged of(TrainingListener.Evaluated report, double epoch) {
            Evaluation.Result result = report.result();
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("eval_loss", result.loss());
            result.found().defined().forEach((key, value) -> values.put("eval_" + key, value));
            values.put("eval_runtime", result.seconds());
            values.put("eval_samples_per_second", result.rows() / Math.max(result.seconds(), 1e-9));
            values.put("epoch", epoch);
            return new Logged(report.step(), values);
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
}
