package io.github.peft4j.models.llama;

import io.github.peft4j.models.ModelFamilyContract;

class LlamaTest extends ModelFamilyContract {

    LlamaTest() {
        super("llama");
    }
}
