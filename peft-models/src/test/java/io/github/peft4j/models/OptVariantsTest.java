package io.github.peft4j.models;

import org.junit.jupiter.api.Tag;

/** An OPT without biases and without weights in its norms. */
@Tag("golden")
class OptVariantsTest extends VariantsContract {

    OptVariantsTest() {
        super("opt-plain");
    }
}
