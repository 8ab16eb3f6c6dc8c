package io.github.peft4j.training;

import java.util.ArrayList;
import java.util.List;

/** Keeps all that a run tells. */
final class Recorder implements TrainingListener {

    final List<TrainingStart> starts = new ArrayList<>();
    final List<StepReport> steps = new ArrayList<>();
    final List<EvaluationReport> evaluations = new ArrayList<>();
    final List<SavedReport> saves = new ArrayList<>();
    final List<TrainingResult> results = new ArrayList<>();

    @Override
    public void started(TrainingStart start) {
        starts.add(start);
    }

    @Override
    public void step(StepReport report) {
        steps.add(report);
    }

    @Override
    public void evaluated(EvaluationReport report) {
        evaluations.add(report);
    }

    @Override
    public void saved(SavedReport report) {
        saves.add(report);
    }

    @Override
    public void finished(TrainingResult result) {
        results.add(result);
    }
}
