package io.github.peft4j.models.internal.architecture.opt;

import io.github.peft4j.models.ModelFamilyContract;

class OptTest extends ModelFamilyContract {

    OptTest() {
        super("opt");
    }
}
