package io.github.peft4j.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.peft4j.core.PythonJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
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
 * @param products by which routines it multiplied, see {@link io.github.peft4j.models.kernel.ProductChoice#measured}; the last bits of
 *     its numbers depend on them
 */
record RunState(
        long step,
        TrainingPlan plan,
        long tokens,
        List<LogEntry> history,
        Map<String, String> settings,
        Map<String, String> products) {

    static final String FILE = "trainer_state.json";

    private static final String OURS = "peft4j";
    private static final int FORMAT = 1;
    /** Python writes NaN as such, and an evaluation may find it. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    RunState {
        history = List.copyOf(history);
        settings = new TreeMap<>(settings);
        products = new TreeMap<>(products);
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
        return PythonJson.write(state) + "\n";
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
                settings,
                "products",
                products);
    }

    /**
     * Reads a checkpoint's state.
     *
     * @throws CheckpointException if there is none, or it was not written by this library
     */
    static RunState read(Path checkpoint) throws CheckpointException {
        Path file = checkpoint.resolve(FILE);
        try {
            JsonNode state = JSON.readTree(Files.readString(file));
            JsonNode ours = state.path("stateful_callbacks").path(OURS).path("attributes");
            if (ours.path("format").asInt() != FORMAT) {
                throw new CheckpointException(file + " was not written by this version: expected format " + FORMAT
                        + " under stateful_callbacks." + OURS + ", got " + ours.path("format")
                        + ". Training goes on from its own checkpoints only");
            }
            TrainingPlan plan = new TrainingPlan(
                    state.path("max_steps").asLong(),
                    ours.path("batches_per_epoch").asLong(),
                    ours.path("gradient_accumulation_steps").asInt());
            return new RunState(
                    state.path("global_step").asLong(),
                    plan,
                    state.path("num_input_tokens_seen").asLong(),
                    history(state.path("log_history")),
                    texts(ours.path("settings")),
                    texts(ours.path("products")));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + " is no JSON object: " + e.getOriginalMessage(), e);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e, e);
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
        return texts;
    }

    private static List<LogEntry> history(JsonNode entries) {
        List<LogEntry> history = new ArrayList<>();
        for (JsonNode entry : entries) {
            Map<String, Double> values = new LinkedHashMap<>();
            entry.properties().forEach(e -> {
                if (!e.getKey().equals("step")) {
                    values.put(e.getKey(), e.getValue().asDouble());
                }
            });
            history.add(new LogEntry(entry.path("step").asLong(), values));
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
                differences.add(name + " was " + then + ", is " + now.get(name));
            }
        }
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("cannot go on from " + checkpoint + ", whose run differs: "
                    + String.join("; ", differences)
                    + ". Use the same settings and data, or start a new run from the weights in that folder");
        }
    }
}
