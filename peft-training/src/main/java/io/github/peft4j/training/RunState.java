package io.github.peft4j.training;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.InputFile;
import io.github.peft4j.models.checkpoint.UntrustedFolder;
import io.github.peft4j.models.json.JsonLimits;
import io.github.peft4j.models.json.JsonWriter;
import io.github.peft4j.models.message.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands: {@code trainer_state.json}, readable by transformers' {@code TrainerState}. What that does not know lies under
 * {@code stateful_callbacks}, where it keeps what others put.
 *
 * @param step steps done
 * @param plan how the run goes on
 * @param tokens real tokens seen
 * @param history what was logged
 * @param settings what the numbers of the run depend on, as text by name
 */
record RunState(long step, TrainingPlan plan, long tokens, List<LogEntry> history, Map<String, String> settings) {

    static final String FILE = "trainer_state.json";

    private static final String OURS = "peft4j";
    private static final int FORMAT = 1;
    private static final int MOST_SHOWN = 20;
    /** The log of a million steps. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(256 << 20).withParts(16_000_000);

    RunState {
        history = List.copyOf(history);
        settings = new TreeMap<>(settings);
    }

    /** The text of the file. */
    String toJson(TrainingConfig config) {
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("best_global_step", null);
        state.put("best_metric", null);
        state.put("best_model_checkpoint", null);
        state.put("epoch", plan.epochs(step));
        state.put("eval_steps", config.evaluateEvery());
        state.put("global_step", step);
        state.put("is_hyper_param_search", false);
        state.put("is_local_process_zero", true);
        state.put("is_world_process_zero", true);
        state.put("log_history", history.stream().map(LogEntry::toJson).toList());
        state.put("logging_steps", 1);
        state.put("max_steps", plan.steps());
        state.put("num_input_tokens_seen", tokens);
        state.put("num_train_epochs", (long) Math.ceil(plan.epochs(plan.steps())));
        state.put("save_steps", config.saveEvery());
        state.put("stateful_callbacks", Map.of(OURS, Map.of("args", Map.of(), "attributes", ours())));
        state.put("total_flos", 0.0);
        state.put("train_batch_size", config.batchSize());
        state.put("trial_name", null);
        state.put("trial_params", null);
        return JsonWriter.FILE.write(state) + "\n";
    }

    private Map<String, Object> ours() {
        return Map.of(
                "format",
                FORMAT,
                "batches_per_epoch",
                plan.batchesPerEpoch(),
                "gradient_accumulation_steps",
                plan.accumulation(),
                "settings",
                settings);
    }

    /**
     * Reads a checkpoint's state.
     *
     * @throws CheckpointException if there is none, or it was not written by this library
     */
    static RunState read(Path checkpoint) throws CheckpointException {
        Path file = UntrustedFolder.file(checkpoint, FILE);
        Map<String, @Nullable Object> state = InputFile.json(file, LIMITS);
        Map<?, ?> ours =
                object(object(object(state.get("stateful_callbacks")).get(OURS)).get("attributes"));
        if (number(ours, "format").intValue() != FORMAT) {
            throw new CheckpointException(file + " was not written by this version: expected format " + FORMAT
                    + " under stateful_callbacks." + OURS + ", got " + JsonWriter.shown(ours.get("format"))
                    + ". Training goes on from its own checkpoints only");
        }
        TrainingPlan plan = new TrainingPlan(
                number(state, "max_steps").longValue(),
                number(ours, "batches_per_epoch").longValue(),
                number(ours, "gradient_accumulation_steps").intValue());
        return new RunState(
                number(state, "global_step").longValue(),
                plan,
                number(state, "num_input_tokens_seen").longValue(),
                history(state.get("log_history")),
                texts(ours.get("settings")));
    }

    private static Map<?, ?> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Number number(Map<?, ?> object, String key) {
        return object.get(key) instanceof Number number ? number : 0;
    }

    private static Map<String, String> texts(@Nullable Object object) {
        Map<String, String> texts = new TreeMap<>();
        object(object).forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
        return texts;
    }

    private static List<LogEntry> history(@Nullable Object entries) {
        List<LogEntry> history = new ArrayList<>();
        for (Object entry : entries instanceof List<?> list ? list : List.of()) {
            Map<String, Double> values = new LinkedHashMap<>();
            object(entry).forEach((key, value) -> {
                if (!key.equals("step") && value instanceof Number number) {
                    values.put(String.valueOf(key), number.doubleValue());
                }
            });
            history.add(new LogEntry(number(object(entry), "step").longValue(), values));
        }
        return history;
    }

    /**
     * Refuses to go on where the numbers would not be those of one run.
     *
     * @param now the settings of the run that wants to go on
     * @param checkpoint for the message
     * @throws IllegalArgumentException if settings differ: all of them in one message
     */
    void requireSame(Map<String, String> now, Path checkpoint) {
        List<String> differences = new ArrayList<>();
        TreeMap<String, String> all = new TreeMap<>(settings);
        now.forEach(all::putIfAbsent);
        for (String name : all.keySet()) {
            String then = settings.get(name);
            if (!Objects.equals(then, now.get(name))) {
                differences.add(Printable.excerpt(name) + " was " + (then == null ? "not set" : Printable.excerpt(then))
                        + ", is " + Objects.requireNonNullElse(now.get(name), "not set"));
            }
        }
        if (!differences.isEmpty()) {
            int shown = Math.min(differences.size(), MOST_SHOWN);
            throw new IllegalArgumentException("cannot go on from " + checkpoint + ", whose run differs: "
                    + String.join("; ", differences.subList(0, shown))
                    + (shown < differences.size() ? "; and " + (differences.size() - shown) + " more" : "")
                    + ". Use the same settings and data, or start a new run from the weights in that folder");
        }
    }
}
