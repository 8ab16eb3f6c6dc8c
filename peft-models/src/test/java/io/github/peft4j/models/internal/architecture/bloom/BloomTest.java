package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.ModelFamilyContract;

class BloomTest extends ModelFamilyContract {

    BloomTest() {
        super("bloom");
    }
}
