package io.github.peft4j.models.bloom;

import io.github.peft4j.models.ModelFamilyContract;

class BloomTest extends ModelFamilyContract {

    BloomTest() {
        super("bloom");
    }
}
