package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * LoRA on Bloom: its fused projection of queries, keys and values, and the feed-forward's second layer.
 */
public final class LoraOnBloom {

    private LoraOnBloom() {}

    /**
     * Runs the example.
     *
     * @param arguments a checkpoint folder, a JSONL file of rows, a folder for the adapter, and perhaps the number of steps
     * @throws Exception if something is wrong with the files, or training is interrupted
     */
    public static void main(String[] arguments) throws Exception {
        System.out.println(run(InstructionTuning.of(arguments)));
    }

    static String run(InstructionTuning tuning) throws Exception {
        PeftConfig config = LoraConfig.builder(8, 16)
                .targetModules("query_key_value", "dense_4h_to_h")
                .loraDropout(0.05)
                .build();
        return tuning.run(config, 1e-3, PromptTemplate.HUMAN_ASSISTANT, "How can I stay healthy?");
    }
}
