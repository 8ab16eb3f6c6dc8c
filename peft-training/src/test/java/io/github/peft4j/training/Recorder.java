package io.github.peft4j.training;

import io.github.peft4j.training.progress.EvaluationReport;
import io.github.peft4j.training.progress.SavedReport;
import io.github.peft4j.training.progress.StepReport;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import io.github.peft4j.training.progress.TrainingStart;
import java.util.ArrayList;
import java.util.List;

/** Keeps all that a run tells. */
public final class Recorder implements TrainingListener {

    final List<TrainingStart> starts = new ArrayList<>();
    public final List<StepReport> steps = new ArrayList<>();
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
