package io.github.peft4j.training.internal.state;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.progress.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads {@code trainer_state.json} of a checkpoint, and finds all that cannot be in one of this library's. */
public final class RunStateReader {

    /** More than any run has of anything; above it sums would overflow. */
    private static final long MOST = 1L << 48;

    /** The log of a million steps. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(256 << 20).withParts(16_000_000);

    private static final String HISTORY = "log_history";
    private static final String STEP = "step";

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    private RunStateReader(Path file) {
        this.file = file;
    }

    /**
     * Reads a checkpoint's state.
     *
     * @throws CheckpointException if there is none, it was not written by this library, or values in it cannot be: all of them in one message
     */
    public static RunState read(Path checkpoint) throws CheckpointException {
        Path file = UntrustedFolder.file(checkpoint, RunState.FILE);
        return new RunStateReader(file).read(InputFile.json(file, LIMITS), TrainingCheckpoints.step(checkpoint));
    }

    /**
     * Reads the tree.
     *
     * @param named the steps that the folder's name tells, or -1 if it tells none
     */
    private RunState read(Map<String, @Nullable Object> state, long named) throws CheckpointException {
        Map<String, @Nullable Object> ours = JsonValues.object(
                JsonValues.at(JsonValues.at(state.get("stateful_callbacks"), RunState.OURS), "attributes"));
        if (!Integer.valueOf(RunState.FORMAT).equals(ours.get("format"))) {
            throw new CheckpointException(file + " was not written by this version: expected format " + RunState.FORMAT
                    + " under stateful_callbacks." + RunState.OURS + ", got " + shown(ours, "format")
                    + ". Training goes on from its own checkpoints only");
        }
        long most = whole(state, "max_steps", 1, MOST);
        long step = whole(state, "global_step", 0, most);
        if (named >= 0 && problems.isEmpty() && step != named) {
            problems.add("global_step is " + step + ", expected " + named + " as in the folder's name");
        }
        // Where that is wrong it says nothing about the history.
        long last = problems.isEmpty() ? step : MOST;
        boolean streamed = ours.get(RunState.DATA) instanceof Map && !ours.containsKey(RunState.BATCHES);
        long batches = streamed ? BatchSource.ENDLESS : whole(ours, RunState.BATCHES, 1, MOST);
        TrainingPlan plan = TrainingPlan.ofPasses(
                most, batches, (int) whole(ours, "gradient_accumulation_steps", 1, Integer.MAX_VALUE));
        RunState read = new RunState(
                step,
                plan,
                whole(state, "num_input_tokens_seen", 0, MOST),
                history(state, last),
                texts(ours, "settings"),
                JsonValues.object(ours.get(RunState.DATA)));
        if (!problems.isEmpty()) {
            throw new CheckpointException(file + " holds what cannot be " + Listed.counted(problems)
                    + ". Go on from another checkpoint, or begin anew");
        }
        return read;
    }

    private long whole(Map<String, @Nullable Object> object, String key, long least, long most) {
        Object value = object.get(key);
        if ((value instanceof Integer || value instanceof Long)
                && ((Number) value).longValue() >= least
                && ((Number) value).longValue() <= most) {
            return ((Number) value).longValue();
        }
        problems.add(key + " is " + shown(object, key) + ", expected a whole number from " + least + " to " + most);
        return least;
    }

    private Map<String, String> texts(Map<String, @Nullable Object> object, String key) {
        Map<String, String> texts = new TreeMap<>();
        if (!(object.get(key) instanceof Map)) {
            problems.add(key + " is " + shown(object, key) + ", expected an object of texts");
        }
        Map<String, @Nullable Object> values = JsonValues.object(object.get(key));
        values.forEach((name, value) -> {
            if (value instanceof String text) {
                texts.put(name, text);
            } else {
                problems.add(key + "." + name + " is " + shown(values, name) + ", expected a text");
            }
        });
        return texts;
    }

    private List<TrainingListener.Logged> history(Map<String, @Nullable Object> state, long steps) {
        List<TrainingListener.Logged> history = new ArrayList<>();
        if (!(state.get(HISTORY) instanceof List)) {
            problems.add(HISTORY + " is " + shown(state, HISTORY) + ", expected a list");
        }
        int number = 0;
        long before = 0;
        for (Object entry : JsonValues.list(state.get(HISTORY))) {
            String at = HISTORY + "[" + number++ + "]";
            if (!(entry instanceof Map)) {
                problems.add(at + " is " + JsonWriter.shown(entry) + ", expected an object");
                continue;
            }
            Map<String, @Nullable Object> values = JsonValues.object(entry);
            int known = problems.size();
            before = whole(values, STEP, before, steps);
            problems.subList(known, problems.size()).replaceAll(problem -> at + "." + problem);
            history.add(new TrainingListener.Logged(before, numbers(values, at)));
        }
        return history;
    }

    private Map<String, Double> numbers(Map<String, @Nullable Object> values, String at) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (key.equals(STEP)) {
                return;
            }
            if (value instanceof Number number) {
                numbers.put(key, number.doubleValue());
            } else {
                problems.add(at + "." + key + " is " + shown(values, key) + ", expected a number");
            }
        });
        return numbers;
    }

    private static String shown(Map<String, @Nullable Object> object, String key) {
        return object.containsKey(key) ? JsonWriter.shown(object.get(key)) : "absent";
    }
}
