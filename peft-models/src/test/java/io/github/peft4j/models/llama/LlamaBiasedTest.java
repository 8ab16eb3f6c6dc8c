package io.github.peft4j.models.llama;

import io.github.peft4j.models.ModelFamilyContract;

class LlamaBiasedTest extends ModelFamilyContract {

    LlamaBiasedTest() {
        super("llama-biased");
    }
}
