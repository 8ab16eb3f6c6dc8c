package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.ptuning.PTuningConfig;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * P-tuning: twenty vectors before every prompt, computed by a small network that is trained instead of them. PEFT reads the vectors; the
 * network lies beside them in {@code prompt_encoder.safetensors}, so that training can go on.
 */
public final class PTuningOnBloom {

    private PTuningOnBloom() {}

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
        PeftConfig config = PTuningConfig.builder(20)
                .set(
                        PTuningConfig.ENCODER_REPARAMETERIZATION_TYPE,
                        PTuningConfig.Encoder.MLP) // or an LSTM, as in the paper
                .set(PTuningConfig.ENCODER_HIDDEN_SIZE, 128)
                .build();
        return tuning.run(config, 3e-3, PromptTemplate.HUMAN_ASSISTANT, "How can I stay healthy?");
    }
}
