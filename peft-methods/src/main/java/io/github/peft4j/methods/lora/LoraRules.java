package io.github.peft4j.methods.lora;

import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the settings of LoRA must keep to; notes all that does not, in Hugging Face PEFT's words where it has some. */
final class LoraRules {

    private final List<String> problems = new ArrayList<>();

    void rank(int rank) {
        if (rank < 1) {
            problems.add("`r` should be a positive integer value but the value passed is " + rank);
        }
    }

    void dropout(double probability) {
        if (!(probability >= 0 && probability < 1)) {
            problems.add("lora_dropout must be at least 0 and below 1, got " + probability);
        }
    }

    void targets(LayerTargets targets) {
        targets.check(problems);
    }

    void initialization(String init, boolean loraBias, boolean useDora) {
        try {
            LoraInitialization.of(init);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        if (loraBias && !init.equals("true") && !init.equals("false")) {
            problems.add("The argument lora_bias=True is only supported with init_lora_weights=True or False, got"
                    + " init_lora_weights=" + init + " instead.");
        }
        if (useDora && init.equalsIgnoreCase("mica")) {
            problems.add("Invalid or unsupported variant combination: init_lora_weights=mica and use_dora=True");
        }
        if (loraBias && useDora) {
            problems.add("The argument lora_bias=True is not supported for DoRA, please pass use_dora=False");
        }
    }

    void tokens(@Nullable TokenIndices indices) {
        if (indices != null) {
            indices.check(problems);
        }
    }

    /**
     * Ends the checks.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    void requireKept() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }
}
