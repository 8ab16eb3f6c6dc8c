package io.github.peft4j.models.internal.architecture.gemma2;

import io.github.peft4j.models.ModelFamilyContract;

class Gemma2Test extends ModelFamilyContract {

    Gemma2Test() {
        super("gemma2");
    }
}
