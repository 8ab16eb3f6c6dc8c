package io.github.peft4j.methods.trainabletokens;

import io.github.peft4j.methods.internal.layers.GoldenContract;

class TrainableTokensGoldenTest extends GoldenContract {

    @Override
    protected String method() {
        return "trainabletokens";
    }
}
