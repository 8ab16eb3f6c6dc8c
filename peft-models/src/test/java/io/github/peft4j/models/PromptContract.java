package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.internal.KeyValue;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Virtual tokens and keys and values before every row, as transformers takes them. */
abstract class PromptContract extends GradientContract {

    PromptContract(String golden) {
        super(golden);
    }

    private Activation variable(Scope scope, String name) {
        return Activation.variable(scope.floats(golden.floats(name), golden.shape(name)));
    }

    private static Model.InputTransform prepending(Activation embeddings, int count) {
        return new Model.InputTransform() {
            @Override
            public ModelInput apply(Forward context, ModelInput input) {
                return input.withVirtualTokens(embeddings);
            }

            @Override
            public int virtualTokens() {
                return count;
            }
        };
    }

    private float[] gradient(Activation of) {
        try (NDArray gradient = of.takeGradient()) {
            assertThat(gradient.getDataType()).isEqualTo(of.array().getDataType());
            return model.scope().kernels().toFloats(gradient);
        }
    }

    @Test
    void putsVirtualTokensBeforeEveryRow() {
        try (Scope scope = model.scope().child()) {
            Activation embeddings = variable(scope, "virtual.embeddings");
            Model.InputTransform transform = prepending(embeddings, (int) golden.shape("virtual.embeddings")[0]);
            model.addInputTransform(transform);
            try {
                assertClose("logits", logits(model, input()), golden.floats("virtual.logits"), TOLERANCE);
                for (Forward.Recording recording : List.of(PLAIN, RECOMPUTING)) {
                    float[] found = recorded(
                            model,
                            recording,
                            context -> expectLoss(context, "virtual.loss"),
                            () -> gradient(embeddings));
                    assertClose("gradient", found, golden.floats("virtual.gradient"), GRADIENT_TOLERANCE);
                }
                continuesAfter(scope, "virtual.logits");
            } finally {
                model.removeInputTransform(transform);
            }
        }
        assertClose("logits", logits(model, input()), golden.floats("logits"), TOLERANCE);
    }

    /** The table of tokens is trained beside them; where it is tied, the head gives it a part of its gradient. */
    @Test
    void givesTokensBehindVirtualOnesTheirGradient() {
        Weight table = ((Embedding) model.at(model.anatomy().inputEmbedding())).weight();
        try (Scope scope = model.scope().child()) {
            Activation embeddings = variable(scope, "virtual.embeddings");
            Model.InputTransform transform = prepending(embeddings, (int) golden.shape("virtual.embeddings")[0]);
            model.addInputTransform(transform);
            table.setTrainable(true);
            try {
                float[] found = recorded(model, PLAIN, context -> meanLoss(model, context), () -> gradient(embeddings));
                assertClose("virtual", found, golden.floats("virtual.gradient"), GRADIENT_TOLERANCE);
                String name = golden.namesAfter("virtual.gradient.").get(0);
                float[] expected = golden.floats("virtual.gradient." + name);
                assertClose(name, model.scope().kernels().toFloats(table.gradient()), expected, GRADIENT_TOLERANCE);
            } finally {
                model.freeze();
                model.removeInputTransform(transform);
            }
        }
    }

    @Test
    void putsKeysAndValuesBeforeEveryRow() {
        try (Scope scope = model.scope().child()) {
            List<KeyValue> pairs = prefix(scope);
            Model.InputTransform transform = (context, input) -> input.withPastKeyValues(pairs);
            model.addInputTransform(transform);
            try {
                assertClose("logits", logits(model, input()), golden.floats("prefix.logits"), TOLERANCE);
                for (Forward.Recording recording : List.of(PLAIN, RECOMPUTING)) {
                    List<float[]> found = recorded(
                            model, recording, context -> expectLoss(context, "prefix.loss"), () -> gradients(pairs));
                    assertClose("keys", found.get(0), golden.floats("prefix.keys.gradient"), GRADIENT_TOLERANCE);
                    assertClose("values", found.get(1), golden.floats("prefix.values.gradient"), GRADIENT_TOLERANCE);
                }
                continuesAfter(scope, "prefix.logits");
            } finally {
                model.removeInputTransform(transform);
            }
        }
    }

    private List<float[]> gradients(List<KeyValue> pairs) {
        return List.of(
                joined(pairs.stream().map(pair -> gradient(pair.key())).toList()),
                joined(pairs.stream().map(pair -> gradient(pair.value())).toList()));
    }

    private List<KeyValue> prefix(Scope scope) {
        float[] keys = golden.floats("prefix.keys");
        float[] values = golden.floats("prefix.values");
        long[] shape = golden.shape("prefix.keys");
        int size = (int) (shape[1] * shape[2] * shape[3]);
        long[] one = Arrays.copyOfRange(shape, 1, 4);
        return IntStream.range(0, (int) shape[0])
                .mapToObj(layer -> new KeyValue(
                        Activation.variable(
                                scope.floats(Arrays.copyOfRange(keys, layer * size, (layer + 1) * size), one)),
                        Activation.variable(
                                scope.floats(Arrays.copyOfRange(values, layer * size, (layer + 1) * size), one))))
                .toList();
    }

    /** A first piece of all rows, then a token at a time, with what stands before rows in the cache. */
    private void continuesAfter(Scope scope, String name) {
        List<int[]> rows = golden.rows();
        int last = 3;
        try (KeyValueCache cache = cache(rows.size())) {
            for (int step = 0; step <= last; step++) {
                List<int[]> part = new ArrayList<>();
                List<float[]> expected = new ArrayList<>();
                for (int row = 0; row < rows.size(); row++) {
                    int to = rows.get(row).length - last + step;
                    part.add(Arrays.copyOfRange(rows.get(row), step == 0 ? 0 : to - 1, to));
                    List<float[]> all = expectedOf(row, name);
                    expected.add(all.get(all.size() - 1 - last + step));
                }
                assertClose("step " + step, next(scope, cache, part), joined(expected), TOLERANCE);
            }
        }
    }

    @Test
    void takesPrefixesAndVirtualTokensInFloat32WhenItComputesInBfloat16() throws IOException {
        try (Model<LanguageHead> half = load(golden.folder(), Precision.BFLOAT16);
                Scope scope = half.scope().child()) {
            Activation embeddings = variable(scope, "virtual.embeddings");
            half.addInputTransform(prepending(embeddings, (int) golden.shape("virtual.embeddings")[0]));
            assertNear(logits(half, input()), golden.floats("virtual.logits"));
            float[] found = recorded(half, PLAIN, context -> meanLoss(half, context), () -> gradient(embeddings));
            assertNear(found, golden.floats("virtual.gradient"));
        }
        try (Model<LanguageHead> half = load(golden.folder(), Precision.BFLOAT16);
                Scope scope = half.scope().child()) {
            List<KeyValue> pairs = prefix(scope);
            half.addInputTransform((context, input) -> input.withPastKeyValues(pairs));
            assertNear(logits(half, input()), golden.floats("prefix.logits"));
            List<float[]> found = recorded(half, PLAIN, context -> meanLoss(half, context), () -> gradients(pairs));
            assertNear(found.get(0), golden.floats("prefix.keys.gradient"));
            assertNear(found.get(1), golden.floats("prefix.values.gradient"));
            try (KeyValueCache cache = new KeyValueCache(scope, 3, half.config().layers())) {
                new Decoding(half, cache).next(scope, input()).close();
                assertThat(cache.length(0))
                        .isEqualTo(golden.rows().get(0).length + (int) golden.shape("prefix.keys")[1]);
            }
        }
    }

    private static void assertNear(float[] found, float[] expected) {
        assertThat(Golden.distance(found, expected))
                .isLessThan(0.1 * Golden.distance(expected, new float[expected.length]));
    }
}
