package io.github.peft4j.models.internal.architecture.mistral;

import io.github.peft4j.models.ModelFamilyContract;

class MistralTest extends ModelFamilyContract {

    MistralTest() {
        super("mistral");
    }
}
