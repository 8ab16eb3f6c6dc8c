package io.github.peft4j.models.internal.architecture.gptneox;

import io.github.peft4j.models.ModelFamilyContract;

class GptNeoXTest extends ModelFamilyContract {

    GptNeoXTest() {
        super("gpt_neox");
    }
}
