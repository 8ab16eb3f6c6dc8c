package io.github.peft4j.methods.lntuning;

import io.github.peft4j.methods.internal.layers.GoldenContract;

class LnTuningGoldenTest extends GoldenContract {

    @Override
    protected String method() {
        return "lntuning";
    }
}
