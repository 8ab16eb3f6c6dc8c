package io.github.peft4j.models.internal.architecture.gpt2;

import io.github.peft4j.models.ModelFamilyContract;

class Gpt2Test extends ModelFamilyContract {

    Gpt2Test() {
        super("gpt2");
    }
}
