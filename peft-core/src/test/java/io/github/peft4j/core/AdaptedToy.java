package io.github.peft4j.core;

import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A toy model to attach adapters to, and what it computes without them. */
abstract class AdaptedToy {

    @TempDir
    Path folder;

    Model<LanguageHead> model;
    float[] base;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder, false));
        base = Toy.logits(model);
    }

    @AfterEach
    void close() {
        model.close();
    }

    static AttachContext named(String name) {
        return new AttachContext(name, 0, true);
    }

    PeftModel<?> attach(FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }
}
