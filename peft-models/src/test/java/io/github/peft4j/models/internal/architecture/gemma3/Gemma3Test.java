package io.github.peft4j.models.internal.architecture.gemma3;

import io.github.peft4j.models.ModelFamilyContract;

class Gemma3Test extends ModelFamilyContract {

    Gemma3Test() {
        super("gemma3_text");
    }
}
