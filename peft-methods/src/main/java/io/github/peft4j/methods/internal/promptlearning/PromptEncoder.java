package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.Map;

/** A small network that computes a table of virtual tokens or of a prefix, and is trained in its place. */
public interface PromptEncoder {

    /** Its weights by the names that they have in Hugging Face PEFT's module, float32. */
    Map<String, Weight> weights();

    /**
     * Computes the table.
     *
     * @return [P, W], float32; the caller closes it
     */
    Activation encode(Forward context);
}
