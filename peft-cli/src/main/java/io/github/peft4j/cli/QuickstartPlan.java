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

    private static final String ALL_LINEAR = "target_modules=all-linear";

    private static final QuickstartPlan USUAL = new QuickstartPlan(200, 5e-3, List.of());

    private static final Map<String, QuickstartPlan> BY_METHOD = new LinkedHashMap<>();

    static {
        BY_METHOD.put("lora", new QuickstartPlan(450, 5e-3, List.of("r=16", "lora_alpha=32", ALL_LINEAR)));
        BY_METHOD.put("vera", new QuickstartPlan(450, 1e-1, List.of("r=64", ALL_LINEAR)));
        BY_METHOD.put("loha", new QuickstartPlan(450, 5e-3, List.of("r=8", "alpha=16", ALL_LINEAR)));
        BY_METHOD.put("lokr", new QuickstartPlan(450, 1e-2, List.of("r=8", "alpha=16", ALL_LINEAR)));
        BY_METHOD.put("bottleneck", new QuickstartPlan(450, 5e-3, List.of("bottleneck_size=32")));
        BY_METHOD.put("ia3", new QuickstartPlan(450, 5e-2, List.of()));
        BY_METHOD.put("bitfit", new QuickstartPlan(450, 2e-2, List.of()));
        BY_METHOD.put("ln-tuning", new QuickstartPlan(450, 2e-2, List.of()));
        BY_METHOD.put("prompt-tuning", new QuickstartPlan(450, 5e-2, List.of("num_virtual_tokens=20")));
        BY_METHOD.put("p-tuning", new QuickstartPlan(450, 5e-3, List.of("num_virtual_tokens=20")));
        BY_METHOD.put("prefix-tuning", new QuickstartPlan(450, 5e-2, List.of("num_virtual_tokens=20")));
        BY_METHOD.put("llama-adapter", new QuickstartPlan(450, 2e-2, List.of("adapter_len=10", "adapter_layers=3")));
        BY_METHOD.put("trainable-tokens", new QuickstartPlan(450, 1e-2, List.of("token_indices=0,1,2,3,4,5,6,7")));
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
