package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.bitfit.BitFitConfig;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * LoRA and BitFit on the same layers of Llama-2: an update of low rank for each matrix, or a bias for each layer, which Llama has not.
 */
public final class LoraAndBitFitOnLlama {

    private LoraAndBitFitOnLlama() {}

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
        PeftConfig lora =
                LoraConfig.builder(16, 32).targetModules("q_proj", "v_proj").build();
        PeftConfig bitFit =
                BitFitConfig.builder().targetModules("q_proj", "v_proj").build();
        InstructionTuning second = new InstructionTuning(
                tuning.checkpoint(), tuning.data(), tuning.output().resolveSibling("bitfit"), tuning.steps());
        String instruction = "How can I stay healthy?";
        return "LoRA: " + tuning.run(lora, 1e-3, PromptTemplate.ALPACA, instruction) + "\nBitFit: "
                + second.run(bitFit, 5e-3, PromptTemplate.ALPACA, instruction);
    }
}
