package io.github.peft4j.methods.lycoris;

import io.github.peft4j.methods.golden.GoldenContract;

/** LoHa and LoKr of Hugging Face PEFT. */
class LycorisGoldenTest extends GoldenContract {

    LycorisGoldenTest() {
        super("lycoris");
    }
}
