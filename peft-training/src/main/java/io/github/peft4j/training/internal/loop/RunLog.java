package io.github.peft4j.training.internal.loop;

import io.github.peft4j.training.progress.TrainingListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What a run has logged, in memory that does not grow with its length: of a run of more than {@value #KEPT} steps every second is kept, of twice as many every
 * fourth and so on, besides the first, the last {@value #RECENT} and every evaluation. Which are kept follows from the number of steps alone, so a run that was
 * stopped and one that was not have the same log.
 */
final class RunLog {

    static final int KEPT = 10_000;

    /** As many as {@link RunWatch} looks back at. */
    static final int RECENT = RunWatch.SMOOTHED;

    private final List<TrainingListener.Logged> older = new ArrayList<>();
    private final Deque<TrainingListener.Logged> recent = new ArrayDeque<>();
    private long stride = 1;

    /** Adds what came last. */
    void add(TrainingListener.Logged entry) {
        recent.addLast(entry);
        while (recent.getFirst().step() <= entry.step() - RECENT) {
            TrainingListener.Logged old = recent.removeFirst();
            if (isKept(old)) {
                older.add(old);
            }
        }
        if (entry.step() / stride > KEPT) {
            stride *= 2;
            older.removeIf(old -> !isKept(old));
        }
    }

    private boolean isKept(TrainingListener.Logged entry) {
        return entry.step() % stride == 0
                || entry.step() == 1
                || entry.value("loss").isEmpty();
    }

    /** All that is kept, the oldest first. */
    List<TrainingListener.Logged> entries() {
        List<TrainingListener.Logged> all = new ArrayList<>(older);
        all.addAll(recent);
        return all;
    }
}
