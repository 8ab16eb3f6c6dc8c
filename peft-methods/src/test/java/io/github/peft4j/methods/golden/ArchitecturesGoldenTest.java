package io.github.peft4j.methods.golden;

/** Hugging Face PEFT's methods on all architectures but the first five: {@code tools/golden_architectures.py} wrote the cases. */
class ArchitecturesGoldenTest extends GoldenPromptsContract {

    ArchitecturesGoldenTest() {
        super("architectures");
    }
}
