package io.github.peft4j.training.report;

import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.evaluation.Metrics;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingResult.Outcome;
import java.util.List;
import java.util.Map;

/** Runs as listeners see them. */
final class ToldRun {

    static final Map<String, String> SETTINGS = Map.of("model", "LlamaForCausalLM, 100 parameters, float32");

    private ToldRun() {}

    static TrainingListener.Start start(long firstStep, TrainingListener.Logged... history) {
        return new TrainingListener.Start(firstStep, 40, 1, 10, 100, List.of(history), SETTINGS);
    }

    static TrainingListener.Step step(long step) {
        return new TrainingListener.Step(
                step, 3 * Math.exp(-step / 20.0) + 0.1 * (step % 3), 1.5, 1e-4, 512, 300, 0.25);
    }

    static TrainingListener.Evaluated evaluation(long step) {
        return evaluation(step, Metrics.Found.NOTHING);
    }

    static TrainingListener.Evaluated evaluation(long step, Map<String, Double> metrics) {
        return evaluation(step, new Metrics.Found(metrics, Map.of(), List.of()));
    }

    private static TrainingListener.Evaluated evaluation(long step, Metrics.Found found) {
        return new TrainingListener.Evaluated(
                step, new Evaluation.Result(3 * Math.exp(-step / 25.0), 100, found, 200, 10, 0.5));
    }

    static TrainingResult result() {
        return new TrainingResult(Outcome.COMPLETED, 40, 2048, 0, 500, 10, 100, null, List.of());
    }

    /** Tells a listener of steps and, after every tenth, of an evaluation. */
    static void steps(TrainingListener listener, long from, long to) {
        for (long step = from; step <= to; step++) {
            listener.step(step(step));
            if (step % 10 == 0) {
                listener.evaluated(evaluation(step));
            }
        }
    }
}
