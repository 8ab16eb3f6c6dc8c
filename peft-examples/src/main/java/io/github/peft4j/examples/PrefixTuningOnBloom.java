package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * Prefix tuning: twenty keys and values before every row in every layer; with a projection, a small network computes them while they are
 * trained.
 */
public final class PrefixTuningOnBloom {

    private PrefixTuningOnBloom() {}

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
        PeftConfig plain = PrefixTuningConfig.builder(20).build();
        PeftConfig projected = PrefixTuningConfig.builder(20)
                .set(PrefixTuningConfig.PREFIX_PROJECTION, true)
                .set(PrefixTuningConfig.ENCODER_HIDDEN_SIZE, 128)
                .build();
        InstructionTuning second = new InstructionTuning(
                tuning.checkpoint(), tuning.data(), tuning.output().resolveSibling("projected"), tuning.steps());
        String instruction = "How can I stay healthy?";
        return "plain: " + tuning.run(plain, 3e-2, PromptTemplate.HUMAN_ASSISTANT, instruction) + "\nprojected: "
                + second.run(projected, 3e-3, PromptTemplate.HUMAN_ASSISTANT, instruction);
    }
}
