package io.github.peft4j.models;

import org.junit.jupiter.api.Tag;

/** Rotations that are stretched, one of them with the length of the text, and continued from a cache. */
@Tag("golden")
class RotaryVariantsTest extends VariantsContract {

    RotaryVariantsTest() {
        super("llama-rotary");
    }
}
