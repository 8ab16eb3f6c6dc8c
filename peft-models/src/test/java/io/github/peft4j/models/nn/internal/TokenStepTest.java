package io.github.peft4j.models.nn.internal;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.LiveArrays;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.generate.Toy;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** One new token in a single call is what the modules make of it one by one. */
class TokenStepTest {

    static final List<String> FAMILIES = Toy.FAMILIES;

    private static final int[] PROMPTS = {9, 1, 20};
    private static final String LAYERS = "model.layers";

    /** Stands around a module and cannot be written. */
    private static final class Unwritten extends Wrapper {
        private Unwritten(Module wrapped) {
            super(wrapped);
        }

        @Override
        public Activation forward(Forward context, Activation x) {
            return wrapped().forward(context, x);
        }
    }

    private static String layers(Model<LanguageHead> model) {
        String first = model.anatomy().blocks().get(0).path();
        return first.substring(0, first.lastIndexOf('.'));
    }

    /** Makes every module run {@code forward}. */
    private static void preventSteps(Model<LanguageHead> model) {
        for (Map.Entry<String, Module> entry : model.modulesByPath().entrySet()) {
            if (entry.getKey().startsWith(layers(model) + ".") && entry.getValue() instanceof Linear) {
                model.replace(entry.getKey(), Unwritten::new);
            }
        }
    }

    private static int[] tokens(int count, long seed) {
        return new SplittableRandom(seed).ints(count, 0, 48).toArray();
    }

    private static KeyValueCache cache(Model<LanguageHead> model, int rows) {
        return new KeyValueCache(model.scope(), rows, model.config().layers());
    }

    private static float[] next(Model<LanguageHead> model, KeyValueCache cache, List<int[]> tokens) {
        ModelInput plain = ModelInput.of(tokens);
        int[] past = IntStream.range(0, tokens.size()).map(cache::length).toArray();
        Rows rows = new Rows(plain.rows().lengths(), past);
        try (Scope scope = model.scope().child()) {
            return scope.kernels()
                    .toFloats(new Decoding(model, cache)
                            .next(scope, new ModelInput(plain.tokenIds(), rows, null, List.of())));
        }
    }

    /** Logits of prompts and then of tokens one by one. */
    private static List<float[]> run(Model<LanguageHead> model, int steps) {
        List<float[]> logits = new ArrayList<>();
        try (KeyValueCache cache = cache(model, PROMPTS.length)) {
            logits.add(next(
                    model,
                    cache,
                    Arrays.stream(PROMPTS).mapToObj(n -> tokens(n, n)).toList()));
            for (int step = 0; step < steps; step++) {
                int[] each = tokens(PROMPTS.length, 100 + step);
                logits.add(next(
                        model,
                        cache,
                        Arrays.stream(each).mapToObj(id -> new int[] {id}).toList()));
            }
        }
        return logits;
    }

    private static List<float[]> run(String family, Precision precision, boolean steps, int count) {
        try (Model<LanguageHead> model = Toy.load(family, precision)) {
            if (!steps) {
                preventSteps(model);
            }
            return run(model, count);
        }
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void aSingleCallComputesWhatTheModulesCompute(String family) {
        // Long enough for the buffers of two rows to grow, but not past GPT-2's table of positions.
        int count = family.equals("gpt2") ? 20 : 70;
        List<float[]> single = run(family, Precision.FLOAT32, true, count);
        List<float[]> modules = run(family, Precision.FLOAT32, false, count);
        for (int step = 0; step < single.size(); step++) {
            assertClose("logits of step " + step, single.get(step), modules.get(step), 1e-5);
        }
    }

    /** Both round to 8 bits, though not after the same operations, so neither may be much further from float32 than the other. */
    @ParameterizedTest
    @FieldSource("FAMILIES")
    void aSingleCallIsAsExactInBfloat16AsTheModules(String family) {
        List<float[]> exact = run(family, Precision.FLOAT32, true, 20);
        double single = distance(run(family, Precision.BFLOAT16, true, 20), exact);
        double modules = distance(run(family, Precision.BFLOAT16, false, 20), exact);
        assertThat(single)
                .as("single %s, modules %s", single, modules)
                .isGreaterThan(0)
                .isLessThan(1.25 * modules);
    }

    private static double distance(List<float[]> steps, List<float[]> exact) {
        double sum = 0;
        for (int step = 0; step < steps.size(); step++) {
            for (int i = 0; i < exact.get(step).length; i++) {
                double error = steps.get(step)[i] - exact.get(step)[i];
                sum += error * error;
            }
        }
        return Math.sqrt(sum);
    }

    @ParameterizedTest
    @FieldSource("FAMILIES")
    void allBlocksOfAPlainModelAreOneCall(String family) {
        try (Model<LanguageHead> model = Toy.load(family, Precision.FLOAT32);
                KeyValueCache cache = cache(model, 1)) {
            assertThat(cache.step(model.at(layers(model)), null)).isNotNull();
        }
    }

    @Test
    void whatStandsBesideAnUnwrittenModuleIsStillWritten() {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32);
                Model<LanguageHead> plain = Toy.load("llama", Precision.FLOAT32)) {
            model.replace(LAYERS + ".0.self_attn.q_proj", Unwritten::new);
            try (KeyValueCache cache = cache(model, 1)) {
                assertThat(written(model, cache))
                        .containsExactlyInAnyOrder(
                                LAYERS + ".0.mlp", LAYERS + ".1", LAYERS + ".1.self_attn", LAYERS + ".1.mlp");
            }
            List<float[]> mixed = run(model, 5);
            List<float[]> expected = run(plain, 5);
            for (int step = 0; step < mixed.size(); step++) {
                assertClose("logits", mixed.get(step), expected.get(step), 1e-5);
            }
        }
    }

    private static List<String> written(Model<LanguageHead> model, KeyValueCache cache) {
        return model.modulesByPath().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(LAYERS) && cache.step(entry.getValue(), null) != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void aLayerByItselfIsNoStep() {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32);
                KeyValueCache cache = cache(model, 1)) {
            Anatomy.Block block = model.anatomy().blocks().get(0);
            Stream<String> leaves = Stream.concat(block.norms().stream(), block.projections().stream());
            assertThat(leaves.map(path -> cache.step(model.at(path), null))).containsOnlyNulls();
        }
    }

    @Test
    void severalTokensOfARowGoThroughTheModules() {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32);
                KeyValueCache cache = cache(model, 2)) {
            next(model, cache, List.of(tokens(3, 1), tokens(4, 2)));
            assertThat(cache.continuesWithOneToken(new Rows(new int[] {1, 1}, new int[] {3, 4})))
                    .isTrue();
            assertThat(cache.continuesWithOneToken(new Rows(new int[] {1, 2}, new int[] {3, 4})))
                    .isFalse();
            assertThat(cache.continuesWithOneToken(new Rows(new int[] {1, 1}, new int[] {3, 3})))
                    .isFalse();
            assertThat(cache.continuesWithOneToken(Rows.of(1))).isFalse();
        }
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32);
                KeyValueCache cache = cache(model, 1)) {
            assertThat(cache.continuesWithOneToken(Rows.of(1))).isFalse();
        }
    }

    @Test
    void rowsCanLeaveAndChangePlaces() {
        try (Model<LanguageHead> model = Toy.load("qwen2", Precision.FLOAT32);
                KeyValueCache all = cache(model, 3);
                KeyValueCache alone = cache(model, 1)) {
            next(model, all, List.of(tokens(3, 1), tokens(4, 2), tokens(5, 3)));
            next(model, alone, List.of(tokens(5, 3)));
            int before = LiveArrays.count(model.scope());
            all.keepRows(2, 0);
            assertThat(LiveArrays.count(model.scope())).isEqualTo(before - 2 * 2);
            assertThat(all.rowCount()).isEqualTo(2);
            assertThat(all.length(0)).isEqualTo(5);
            float[] both = next(model, all, List.of(new int[] {9}, new int[] {8}));
            float[] one = next(model, alone, List.of(new int[] {9}));
            assertClose("logits of the row that was last", Arrays.copyOf(both, one.length), one, 1e-5);
        }
    }

    @Test
    void aNewCacheSeesNewWeights() {
        try (Model<LanguageHead> model = Toy.load("llama", Precision.FLOAT32)) {
            List<float[]> before = run(model, 2);
            Weight weight = model.at(LAYERS + ".1.mlp.gate_proj").ownWeights().get("weight");
            try (NDArray doubled = model.scope().kernels().scale(weight.array(), 2)) {
                weight.assign(doubled);
            }
            List<float[]> after = run(model, 2);
            assertThat(after.get(2)).isNotEqualTo(before.get(2));
            preventSteps(model);
            assertClose("logits", after.get(2), run(model, 2).get(2), 1e-5);
        }
    }

    @Test
    void stepsFreeWhatTheyMake() {
        try (Model<LanguageHead> model = Toy.load("bloom", Precision.FLOAT32)) {
            int before = LiveArrays.count(model.scope());
            try (KeyValueCache cache = cache(model, 1)) {
                next(model, cache, List.of(tokens(3, 1)));
                next(model, cache, List.of(new int[] {1}));
                int during = LiveArrays.count(model.scope());
                for (int step = 0; step < 100; step++) {
                    next(model, cache, List.of(new int[] {step % 48}));
                }
                assertThat(LiveArrays.count(model.scope())).isEqualTo(during);
            }
            assertThat(LiveArrays.count(model.scope())).isEqualTo(before);
        }
    }
}
