package io.github.peft4j.training;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.util.ArrayList;
import java.util.List;

/** Keeps all that a run tells. */
public final class Recorder implements TrainingListener {

    final List<TrainingListener.Start> starts = new ArrayList<>();
    public final List<TrainingListener.Step> steps = new ArrayList<>();
    final List<TrainingListener.Evaluated> evaluations = new ArrayList<>();
    final List<TrainingListener.Saved> saves = new ArrayList<>();
    final List<TrainingResult> results = new ArrayList<>();

    @Override
    public void started(TrainingListener.Start start) {
        starts.add(start);
    }

    @Override
    public void step(TrainingListener.Step report) {
        steps.add(report);
    }

    @Override
    public void evaluated(TrainingListener.Evaluated report) {
        evaluations.add(report);
    }

    @Override
    public void saved(TrainingListener.Saved report) {
        saves.add(report);
    }

    @Override
    public void finished(TrainingResult result) {
        results.add(result);
    }
}
