package io.github.peft4j.models.gptneox;

import io.github.peft4j.models.ModelFamilyContract;

class GptNeoXTest extends ModelFamilyContract {

    GptNeoXTest() {
        super("gpt_neox");
    }
}
