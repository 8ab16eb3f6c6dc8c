package io.github.peft4j.cli;

import io.github.peft4j.training.Schedule;
import io.github.peft4j.training.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the quickstart trains with a method.
 *
 * @param steps optimizer steps
 * @param learningRate the highest
 * @param settings as for {@code --set}
 */
record QuickstartPlan(long steps, double learningRate, List<String> settings) {

    private static final int BATCH_SIZE = 16;
    private static final long WARMUP = 10;

    private static final QuickstartPlan USUAL = new QuickstartPlan(200, 5e-3, List.of());

    private static final Map<String, QuickstartPlan> BY_METHOD = new LinkedHashMap<>();

    static {
        BY_METHOD.put(
                "lora", new QuickstartPlan(450, 5e-3, List.of("r=16", "lora_alpha=32", "target_modules=all-linear")));
        BY_METHOD.put(MethodDefaults.FULL, new QuickstartPlan(200, 1e-3, List.of()));
    }

    static QuickstartPlan of(String method) {
        return BY_METHOD.getOrDefault(method, USUAL);
    }

    TrainingConfig config(long seed) {
        return TrainingConfig.builder()
                .steps(steps)
                .learningRate(learningRate)
                .batchSize(BATCH_SIZE)
                .schedule(Schedule.COSINE)
                .warmup(WARMUP)
                .seed(seed)
                .build();
    }
}
