package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.prompttuning.PromptTuningConfig;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * Prompt tuning: twenty vectors before every prompt are all that is trained. Made for a Bloom checkpoint, Bloom-1b4-zh for instance, and
 * Alpaca-style rows in the form "Human: ... Assistant: ".
 */
public final class PromptTuningOnBloom {

    private PromptTuningOnBloom() {}

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
        // They begin as embeddings of tokens drawn at random, which learns sooner than from random numbers. TEXT begins
        // with words:
        // .text("Answer like a helpful assistant.", checkpoint)
        PeftConfig config = PromptTuningConfig.builder(20)
                .set(PromptTuningConfig.PROMPT_TUNING_INIT, PromptTuningConfig.Init.SAMPLE_VOCAB)
                .build();
        return tuning.run(config, 3e-2, PromptTemplate.HUMAN_ASSISTANT, "How can I stay healthy?");
    }
}
