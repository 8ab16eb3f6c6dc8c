package io.github.peft4j.models.mistral;

import io.github.peft4j.models.ModelFamilyContract;

class MistralTest extends ModelFamilyContract {

    MistralTest() {
        super("mistral");
    }
}
