package io.github.peft4j.models.internal.architecture.opt;

import io.github.peft4j.models.ModelFamilyContract;

/** Norms behind the sums, and token embeddings of another width than hidden states. */
class OptBehindTest extends ModelFamilyContract {

    OptBehindTest() {
        super("opt-behind");
    }
}
