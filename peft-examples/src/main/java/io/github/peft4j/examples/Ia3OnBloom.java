package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * (IA)&#179; on Bloom: one factor for each output of the fused projection, and for each input of the feed-forward's second layer.
 */
public final class Ia3OnBloom {

    private Ia3OnBloom() {}

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
        PeftConfig config = Ia3Config.builder()
                .targetModules("query_key_value", "dense_4h_to_h")
                .feedforwardModules("dense_4h_to_h")
                .build();
        return tuning.run(config, 1e-2, PromptTemplate.HUMAN_ASSISTANT, "How can I stay healthy?");
    }
}
