package io.github.peft4j.models.internal.architecture.olmo2;

import io.github.peft4j.models.ModelFamilyContract;

class Olmo2Test extends ModelFamilyContract {

    Olmo2Test() {
        super("olmo2");
    }
}
