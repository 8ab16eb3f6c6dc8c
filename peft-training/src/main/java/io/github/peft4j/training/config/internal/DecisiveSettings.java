package io.github.peft4j.training.config.internal;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.config.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings that the numbers of a run depend on, under transformers' names where it has them; those of later versions only where they are set. */
public final class DecisiveSettings {

    private DecisiveSettings() {}

    /** Those of a run, besides how long it is. It is resumed only with the same. */
    public static Map<String, Object> of(TrainingConfig config) {
        Map<String, Object> settings = new LinkedHashMap<>();
        if (config.batchTokens() == 0) {
            settings.put("per_device_train_batch_size", config.batchSize());
        } else {
            settings.put("batch_tokens", config.batchTokens());
        }
        if (config.groupByLength()) {
            settings.put("group_by_length", true);
        }
        settings.put("gradient_accumulation_steps", config.accumulation());
        settings.put("learning_rate", config.learningRate());
        settings.put("lr_scheduler_type", config.schedule().text());
        settings.put("warmup_steps", config.warmup());
        settings.put("weight_decay", config.weightDecay());
        settings.put("max_grad_norm", config.maxGradNorm());
        settings.put("seed", config.seed());
        settings.put("shuffle", config.shuffle());
        if (config.bestMetric() != null) {
            settings.put("metric_for_best_model", config.bestMetric());
        }
        config.groups().decisive().forEach((name, value) -> settings.put(name, JsonWriter.LINE.write(value)));
        return settings;
    }
}
