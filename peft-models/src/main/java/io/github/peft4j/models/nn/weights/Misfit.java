package io.github.peft4j.models.nn.weights;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Listed;
import java.util.ArrayList;
import java.util.List;

/** What is found wrong with a checkpoint's tensors while a model is built from them. */
final class Misfit {

    /** With so many it is known that the checkpoint is not the config's, and nothing more of a large model need be built. */
    private static final int MOST = 200;

    private final List<String> problems = new ArrayList<>();

    /** Ends the building of a model that will not be used. */
    static final class Enough extends RuntimeException {
        private Enough() {
            super("the checkpoint does not fit its config", null, false, false);
        }
    }

    /**
     * Notes a problem.
     *
     * @throws Enough if there are some hundred now
     */
    void add(String problem) {
        problems.add(problem);
        if (problems.size() == MOST) {
            throw new Enough();
        }
    }

    /** Refuses the checkpoint, if there is any problem. */
    void throwIfAny(String where) throws CheckpointException {
        if (problems.isEmpty()) {
            return;
        }
        throw new CheckpointException(where + " does not fit its config.json "
                + (problems.size() == MOST
                        ? "(" + MOST + " problems and more): " + Listed.problems(problems)
                        : Listed.counted(problems)));
    }
}
