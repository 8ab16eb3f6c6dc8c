package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Adapters whose files hold weights of the model, on a toy model. */
abstract class CarriedWeightsCase {

    static final String PREFIX = "base_model.model.";
    static final String EMBEDDING = PREFIX + "model.embed_tokens.weight";
    static final String WRAPPED = PREFIX + "model.embed_tokens.base_layer.weight";
    static final String HEAD = PREFIX + "lm_head.weight";

    @TempDir
    Path folder;

    Path saved() {
        return folder.resolve("adapter");
    }

    static PeftModel<?> attach(Model<LanguageHead> model, FakeConfig config) {
        return PeftModel.attach(model, config, AttachContext.of(0), FakeMethod.ALONE);
    }

    Map<String, float[]> saved(Path directory) throws IOException {
        Map<String, float[]> found = new LinkedHashMap<>();
        try (Checkpoint checkpoint = Checkpoint.open(directory.resolve(AdapterStore.WEIGHTS))) {
            for (String name : checkpoint.names()) {
                float[] values = new float[(int) checkpoint.info(name).elementCount()];
                checkpoint.bytes(name).asFloatBuffer().get(values);
                found.put(name, values);
            }
        }
        return found;
    }
}
