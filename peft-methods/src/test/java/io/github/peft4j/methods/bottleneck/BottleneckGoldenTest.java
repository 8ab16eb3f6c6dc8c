package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.methods.golden.GoldenContract;

/** Bottleneck adapters as {@code tools/golden_bottleneck.py} says the method in torch. */
class BottleneckGoldenTest extends GoldenContract {

    BottleneckGoldenTest() {
        super("bottleneck");
    }
}
