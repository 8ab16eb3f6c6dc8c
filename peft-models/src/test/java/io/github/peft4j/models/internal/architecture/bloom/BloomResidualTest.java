package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.ModelFamilyContract;

class BloomResidualTest extends ModelFamilyContract {

    BloomResidualTest() {
        super("bloom-residual");
    }
}
