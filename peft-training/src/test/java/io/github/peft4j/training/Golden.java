package io.github.peft4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.Schedule;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.optimizer.ParameterGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What {@code tools/golden_training.py} recorded. */
public final class Golden {

    private static final JsonNode ROOT = read();

    private Golden() {}

    private static JsonNode read() {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/training.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands at a path. */
    public static JsonNode at(String... path) {
        JsonNode node = ROOT;
        for (String name : path) {
            node = node.get(name);
        }
        return node;
    }

    /** The nine rows that all runs are trained on. */
    public static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        at("rows").forEach(row -> rows.add(Row.of(ints(row.get("input_ids")), ints(row.get("labels")))));
        return rows;
    }

    /** The settings of a recorded run. */
    static TrainingConfig.Builder config(String run) {
        JsonNode settings = at("runs", run, "settings");
        TrainingConfig.Builder builder = TrainingConfig.builder()
                .steps(settings.get("max_steps").asLong())
                .batchSize(settings.get("per_device_train_batch_size").asInt())
                .accumulation(settings.get("gradient_accumulation_steps").asInt())
                .learningRate(settings.get("learning_rate").asDouble())
                .schedule(Schedule.of(settings.get("lr_scheduler_type").asText().replace("_with_warmup", "")))
                .warmup(settings.get("warmup_steps").asDouble())
                .weightDecay(settings.get("weight_decay").asDouble())
                .maxGradNorm(settings.get("max_grad_norm").asDouble())
                .shuffle(false);
        JsonNode grouped = at("runs", run).path("grouped");
        builder.layerDecay(grouped.path("layer_decay").asDouble(1));
        grouped.path("groups").forEach(group -> builder.group(group(group)));
        JsonNode plus = at("runs", run).path("lora_plus");
        return plus.isMissingNode()
                ? builder
                : builder.loraPlus(
                        plus.get("loraplus_lr_ratio").asDouble(),
                        plus.get("loraplus_lr_embedding").asDouble());
    }

    private static ParameterGroup group(JsonNode settings) {
        ParameterGroup group = ParameterGroup.of(settings.get("pattern").asText());
        if (settings.has("factor")) {
            group = group.times(settings.get("factor").asDouble());
        }
        if (settings.has("learning_rate")) {
            group = group.at(settings.get("learning_rate").asDouble());
        }
        return settings.has("weight_decay")
                ? group.decaying(settings.get("weight_decay").asDouble())
                : group;
    }

    /** Whole numbers. */
    public static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    public static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }
}
