package io.github.peft4j.core.internal.held;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.FakeConfig;
import io.github.peft4j.core.FakeMethod;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** Adapters whose files hold token tables of a size of their own, on a toy model. */
abstract class VocabularyCase {

    static final String PREFIX = "base_model.model.";
    static final String EMBEDDING = "model.embed_tokens";
    static final String HEAD = "lm_head";
    static final String COPY = ".modules_to_save.default";
    static final int MORE = 36;

    @TempDir
    Path folder;

    Path saved() {
        return folder.resolve("adapter");
    }

    Model<LanguageHead> base(boolean tied) {
        return Toy.load(Toy.write(folder.resolve("base"), tied));
    }

    static float[] table(int rows, int seed) {
        Random random = new Random(seed);
        float[] table = new float[rows * Toy.WIDTH];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) random.nextGaussian() * 0.3f;
        }
        return table;
    }

    static TensorSource tensor(String name, int rows, int seed) {
        return Toy.tensor(name, List.of((long) rows, (long) Toy.WIDTH), table(rows, seed));
    }

    /** An adapter that doubles q_proj's outputs, with these tensors besides. */
    void save(Model<LanguageHead> model, FakeConfig config, TensorSource... more) throws IOException {
        PeftModel<?> peft = PeftModel.attach(model, config.withInitial(2), AttachContext.of(0), FakeMethod.ALONE);
        peft.save(saved());
        peft.unload();
        List<TensorSource> tensors = new ArrayList<>(List.of(more));
        Set<String> given = Set.copyOf(tensors.stream()
                .map(tensor -> tensor.info().name().replace(COPY, ""))
                .toList());
        try (Checkpoint file = Checkpoint.open(saved().resolve(AdapterStore.WEIGHTS))) {
            for (String name : file.names()) {
                if (!given.contains(name)) {
                    float[] values = new float[(int) file.info(name).elementCount()];
                    file.bytes(name).asFloatBuffer().get(values);
                    tensors.add(Toy.tensor(name, file.info(name).shape(), values));
                }
            }
        }
        Toy.writeTensors(
                saved().resolve(AdapterStore.WEIGHTS), Map.of("format", "pt"), tensors.toArray(TensorSource[]::new));
    }

    PeftModel<?> load(Model<LanguageHead> model) throws IOException {
        return PeftModel.load(model, saved(), FakeMethod.ALONE);
    }

    static float[] logits(Model<LanguageHead> model, int... ids) {
        try (Scope scope = model.scope().child()) {
            NDArray logits = model.logits(scope, ModelInput.of(List.of(ids)));
            return scope.kernels().toFloats(logits);
        }
    }
}
