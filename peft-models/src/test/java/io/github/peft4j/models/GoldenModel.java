package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A golden case with its model, and the ways to run it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GoldenModel {

    /** Part of the largest value by which float32 results may differ from those of transformers. */
    static final double TOLERANCE = 1e-5;

    /** The same for gradients, which add up the errors of all positions. */
    static final double GRADIENT_TOLERANCE = 2e-5;

    static final Percentage LOSS_TOLERANCE = Percentage.withPercentage(1e-3);

    static final Forward.Recording PLAIN = new Forward.Recording(0, false, false);
    static final Forward.Recording RECOMPUTING = new Forward.Recording(0, true, false);

    final Golden golden;
    Model<LanguageHead> model;

    GoldenModel(String golden) {
        this.golden = Golden.of(golden);
    }

    @BeforeAll
    void load() throws IOException {
        model = load(golden.folder(), Precision.FLOAT32);
    }

    @AfterAll
    void close() {
        model.close();
        golden.close();
    }

    static Model<LanguageHead> load(Path folder, Precision precision) throws IOException {
        return Models.load(folder, Device.cpu(), precision);
    }

    static float[] logits(Model<LanguageHead> model, ModelInput input) {
        try (Scope scope = model.scope().child()) {
            return scope.kernels().toFloats(model.logits(scope, input));
        }
    }

    ModelInput input() {
        return ModelInput.of(golden.rows());
    }

    // ---- with a cache

    KeyValueCache cache(int rows) {
        return new KeyValueCache(model.scope(), rows, model.config().layers());
    }

    float[] next(Scope scope, KeyValueCache cache, List<int[]> tokens) {
        int[] past = IntStream.range(0, tokens.size()).map(cache::length).toArray();
        ModelInput plain = ModelInput.of(tokens);
        Rows rows = new Rows(plain.rows().lengths(), past);
        try (NDArray logits =
                new Decoding(model, cache).next(scope, new ModelInput(plain.tokenIds(), rows, null, List.of()))) {
            return scope.kernels().toFloats(logits);
        }
    }

    /** Golden values of one row, token by token. */
    List<float[]> expectedOf(int row, String name) {
        int[] lengths = golden.ints("lengths");
        int extra = golden.perToken(name).size() / lengths.length
                - IntStream.of(lengths).sum() / lengths.length;
        int from = IntStream.range(0, row).map(r -> lengths[r] + extra).sum();
        return golden.perToken(name).subList(from, from + extra + lengths[row]);
    }

    static float[] joined(List<float[]> parts) {
        float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    // ---- recorded

    static <T> T recorded(
            Model<LanguageHead> model, Forward.Recording recording, Consumer<Forward> pass, Supplier<T> after) {
        try (Forward context = Forward.recording(model.scope(), recording)) {
            pass.accept(context);
            context.backward();
            return after.get();
        }
    }

    static void recorded(Model<LanguageHead> model, Forward.Recording recording, Consumer<Forward> pass) {
        recorded(model, recording, pass, () -> true);
    }

    double meanLoss(Model<LanguageHead> target, Forward context) {
        Batch rows = golden.labelled();
        int count = target.head().objective().items(target, rows);
        return target.head().objective().loss(context, target, rows, 1.0 / count) / count;
    }

    void expectLoss(Forward context, String name) {
        assertThat(meanLoss(model, context)).isCloseTo(golden.floats(name)[0], LOSS_TOLERANCE);
    }
}
