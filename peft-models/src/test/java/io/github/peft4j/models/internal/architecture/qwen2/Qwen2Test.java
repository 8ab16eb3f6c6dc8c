package io.github.peft4j.models.internal.architecture.qwen2;

import io.github.peft4j.models.ModelFamilyContract;

class Qwen2Test extends ModelFamilyContract {

    Qwen2Test() {
        super("qwen2");
    }
}
