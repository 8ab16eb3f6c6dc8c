package io.github.peft4j.training.internal.state;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
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
 * @param data what the data needs to go on from there, as JSON; often nothing
 */
public record RunState(
        long step,
        TrainingPlan plan,
        long tokens,
        List<TrainingListener.Logged> history,
        Map<String, String> settings,
        Map<String, ?> data) {

    public static final String FILE = "trainer_state.json";

    /** The setting that says how many workers shared out rows; not there for one. */
    public static final String WORKERS = "workers";

    private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,3}");

    static final String OURS = "peft4j";
    static final String DATA = "data";

    /** Not there where rows are streamed. */
    static final String BATCHES = "batches_per_epoch";

    static final int FORMAT = 1;

    public RunState {
        history = List.copyOf(history);
        settings = new TreeMap<>(settings);
    }

    /**
     * The text of the file.
     *
     * @param best for others to read: it follows from the history
     */
    String toJson(TrainingConfig config, TrainingResult.@Nullable Best best) {
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("best_global_step", best == null ? null : best.step());
        state.put("best_metric", best == null ? null : best.value());
        state.put("best_model_checkpoint", best == null ? null : TrainingCheckpoints.name(best.step()));
        state.put("epoch", plan.epochs(step));
        state.put("eval_steps", config.evaluateEvery());
        state.put("global_step", step);
        state.put("is_hyper_param_search", false);
        state.put("is_local_process_zero", true);
        state.put("is_world_process_zero", true);
        state.put(
                "log_history",
                history.stream().map(TrainingListener.Logged::toJson).toList());
        state.put("logging_steps", 1);
        state.put("max_steps", plan.steps());
        state.put("num_input_tokens_seen", tokens);
        state.put("num_train_epochs", (long) Math.ceil(plan.epochs(plan.steps())));
        state.put("save_steps", config.saveEvery());
        state.put("stateful_callbacks", Map.of(OURS, Map.of("args", Map.of(), "attributes", ours())));
        state.put("total_flos", 0.0);
        state.put("train_batch_size", config.batchTokens() == 0 ? config.batchSize() : null);
        state.put("trial_name", null);
        state.put("trial_params", null);
        return JsonWriter.FILE.write(state) + "\n";
    }

    private Map<String, Object> ours() {
        Map<String, Object> ours = new LinkedHashMap<>();
        ours.put("format", FORMAT);
        if (plan.batchesOfFirst() != BatchSource.ENDLESS) {
            ours.put(BATCHES, plan.batchesOfFirst());
        }
        ours.put("gradient_accumulation_steps", plan.accumulation());
        ours.put("settings", settings);
        if (!data.isEmpty()) {
            ours.put(DATA, data);
        }
        return ours;
    }

    /** How many workers shared out rows; 1 where nothing, or nothing of sense, is said. */
    public int workers() {
        String told = settings.getOrDefault(WORKERS, "1");
        return COUNT.matcher(told).matches() ? Integer.parseInt(told) : 1;
    }

    /**
     * Refuses to go on where the numbers would not be those of one run.
     *
     * @param now the settings of the run that wants to go on
     * @param next how that run would go on
     * @param checkpoint for the message
     * @throws IllegalArgumentException if settings differ, all of them in one message, or it has done more steps than that run is to do
     * @throws CheckpointException if settings and data are the same, but cannot have made this state
     */
    public void requireSame(Map<String, String> now, TrainingPlan next, Path checkpoint) throws CheckpointException {
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
            throw new IllegalArgumentException("cannot go on from " + checkpoint + ", whose run differs: "
                    + Listed.problems(differences)
                    + ". Use the same settings and data, or start a new run from the weights in that folder");
        }
        requireEqual(BATCHES, plan.batchesOfFirst(), next.batchesOfFirst(), checkpoint);
        requireEqual("gradient_accumulation_steps", plan.accumulation(), next.accumulation(), checkpoint);
        if (step > next.steps()) {
            throw new IllegalArgumentException("cannot go on from " + checkpoint + ": it has done " + step
                    + " steps, more than the " + next.steps() + " that were asked for");
        }
    }

    private static void requireEqual(String key, long found, long expected, Path checkpoint)
            throws CheckpointException {
        if (found != expected) {
            throw new CheckpointException(checkpoint.resolve(FILE) + ": " + key + " is " + found + ", expected "
                    + expected + " by the same data and settings");
        }
    }
}
