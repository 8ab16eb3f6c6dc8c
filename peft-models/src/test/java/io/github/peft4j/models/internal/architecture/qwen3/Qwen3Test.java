package io.github.peft4j.models.internal.architecture.qwen3;

import io.github.peft4j.models.ModelFamilyContract;

class Qwen3Test extends ModelFamilyContract {

    Qwen3Test() {
        super("qwen3");
    }
}
