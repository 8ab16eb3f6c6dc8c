package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.methods.golden.GoldenContract;

/** Adaption prompts of Hugging Face PEFT, and of {@code tools/golden_adaption.py} for models that it has none for. */
class AdaptionPromptGoldenTest extends GoldenContract {

    AdaptionPromptGoldenTest() {
        super("llamaadapter");
    }
}
