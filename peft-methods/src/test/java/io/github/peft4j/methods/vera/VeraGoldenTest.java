package io.github.peft4j.methods.vera;

import io.github.peft4j.methods.internal.layers.GoldenContract;

class VeraGoldenTest extends GoldenContract {

    @Override
    protected String method() {
        return "vera";
    }
}
