package io.github.peft4j.models.internal.architecture.smollm3;

import io.github.peft4j.models.ModelFamilyContract;

class SmolLm3Test extends ModelFamilyContract {

    SmolLm3Test() {
        super("smollm3");
    }
}
