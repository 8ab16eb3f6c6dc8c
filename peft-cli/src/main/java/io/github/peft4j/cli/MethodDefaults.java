package io.github.peft4j.cli;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The methods of the command line with the learning rates that suit them: the more weights a method trains, and the nearer to the model's own
 * they are, the smaller the rate. Those of Hugging Face PEFT's examples and of the papers, rounded.
 */
final class MethodDefaults {

    /** The name for training every weight, which is no fine-tuning method of the registry. */
    static final String FULL = "full";

    /** The method used if none is named. */
    static final String USUAL = "lora";

    private static final double OF_OTHERS = 1e-3;

    private static final Map<String, Double> LEARNING_RATES = new LinkedHashMap<>();

    static {
        LEARNING_RATES.put("lora", 2e-4);
        LEARNING_RATES.put("ia3", 3e-3);
        LEARNING_RATES.put("bitfit", 1e-3);
        LEARNING_RATES.put("ln-tuning", 3e-3);
        LEARNING_RATES.put("trainable-tokens", 1e-2);
        LEARNING_RATES.put("vera", 4e-3);
        LEARNING_RATES.put("loha", 5e-4);
        LEARNING_RATES.put("lokr", 1e-3);
        LEARNING_RATES.put("bottleneck", 1e-3);
        LEARNING_RATES.put("prompt-tuning", 1e-2);
        LEARNING_RATES.put("p-tuning", 1e-3);
        LEARNING_RATES.put("prefix-tuning", 1e-2);
        LEARNING_RATES.put("llama-adapter", 5e-3);
        LEARNING_RATES.put(FULL, 2e-5);
    }

    private MethodDefaults() {}

    /** The learning rate if none is given. */
    static double learningRate(String method) {
        return LEARNING_RATES.getOrDefault(method, OF_OTHERS);
    }

    /** All of them as the help tells them. */
    static String learningRates() {
        return LEARNING_RATES.entrySet().stream()
                .map(entry -> entry.getKey() + " " + scientific(entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** {@code 2e-4}. */
    private static String scientific(double rate) {
        BigDecimal value = BigDecimal.valueOf(rate).stripTrailingZeros();
        return value.unscaledValue() + "e-" + value.scale();
    }
}
