package io.github.peft4j.examples;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.llamaadapter.AdaptionPromptConfig;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.training.data.PromptTemplate;

/**
 * LLaMA-Adapter: the queries of the upper blocks attend to ten trained vectors as well, behind a gate that begins at zero. The paper adapts
 * 30 of Llama's 32 blocks on Stanford Alpaca's rows.
 */
public final class LlamaAdapterOnAlpaca {

    private LlamaAdapterOnAlpaca() {}

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
        int blocks = Models.sizes(Models.config(tuning.checkpoint())).layers();
        PeftConfig config =
                AdaptionPromptConfig.builder(10, Math.max(1, blocks - 2)).build();
        return tuning.run(config, 9e-3, PromptTemplate.ALPACA, "How can I stay healthy?");
    }
}
