package io.github.peft4j.models.internal.architecture.gemma;

import io.github.peft4j.models.ModelFamilyContract;

class GemmaTest extends ModelFamilyContract {

    GemmaTest() {
        super("gemma");
    }
}
