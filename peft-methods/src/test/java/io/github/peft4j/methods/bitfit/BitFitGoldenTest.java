package io.github.peft4j.methods.bitfit;

import io.github.peft4j.methods.internal.layers.GoldenContract;

class BitFitGoldenTest extends GoldenContract {

    @Override
    protected String method() {
        return "bitfit";
    }
}
