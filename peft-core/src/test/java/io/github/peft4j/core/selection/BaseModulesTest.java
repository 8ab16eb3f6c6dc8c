package io.github.peft4j.core.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.Toy;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BaseModulesTest {

    private static final String QUERY = "model.layers.0.self_attn.q_proj";
    private static final String ATTENTION = "model.layers.0.self_attn";

    /** A wrapper that passes everything on. */
    private static final class Passing extends Wrapper {
        private Passing(Module wrapped) {
            super(wrapped);
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            return wrapped().forward(context, input);
        }
    }

    @TempDir
    private Path folder;

    private Model<LanguageHead> model;
    private BaseModules modules;
    private Module query;

    @BeforeEach
    void load() {
        model = Toy.load(Toy.write(folder, false));
        modules = BaseModules.of(model);
        query = modules.base(QUERY);
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Passing wrap(String path) {
        Passing[] put = new Passing[1];
        modules.wrap(path, inner -> {
            put[0] = new Passing(inner);
            return put[0];
        });
        return put[0];
    }

    private Substitute substitute() {
        return modules.substitute(QUERY, base -> base.withWeights(weight -> weight));
    }

    @Test
    void theModelItselfComesFirstWithAnEmptyPath() {
        assertThat(modules.byPath().keySet().iterator().next()).isEmpty();
        assertThat(modules.byPath()).containsEntry("", model);
        assertThat(modules.byPath().keySet())
                .contains("model", "model.layers", ATTENTION, QUERY, "lm_head")
                .hasSize(30);
    }

    @Test
    void wrappersDoNotChangeThePathsOfWhatIsBelow() {
        var before = modules.byPath();
        wrap(QUERY);
        wrap(ATTENTION);
        wrap("model.layers.0");
        wrap(QUERY);
        assertThat(modules.byPath()).isEqualTo(before);
    }

    @Test
    void aWrapperPutAroundAParentLaterDoesNotHideItsChildren() {
        Passing inner = wrap(QUERY);
        Passing outer = wrap(ATTENTION);
        assertThat(modules.outermost(QUERY)).isSameAs(inner);
        assertThat(modules.outermost(ATTENTION)).isSameAs(outer);
        modules.unwrap(QUERY, inner);
        assertThat(modules.outermost(QUERY)).isSameAs(query);
    }

    @Test
    void theModelItselfCanBeAskedForByItsEmptyPath() {
        assertThat(modules.outermost("")).isSameAs(model);
        assertThat(modules.base("")).isSameAs(model);
    }

    @Test
    void aPathThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> modules.base("model.layers.9.mlp"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no module at model.layers.9.mlp in LlamaForCausalLM");
        assertThatThrownBy(() -> modules.wrap(QUERY + ".base_layer", Passing::new))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no module at " + QUERY + ".base_layer in LlamaForCausalLM");
    }

    @Test
    void aSubstituteStandsUnderAllWrappersAndIsWhatTheyFindInnermost() {
        Passing wrapper = wrap(QUERY);
        Substitute substitute = substitute();
        assertThat(modules.outermost(QUERY)).isSameAs(wrapper);
        assertThat(wrapper.wrapped()).isSameAs(substitute);
        assertThat(Wrapper.innermost(wrapper)).isSameAs(substitute.copy());
        assertThat(modules.base(QUERY)).isSameAs(query);
        assertThat(modules.inUse(QUERY)).isSameAs(substitute);
        substitute.use(false);
        assertThat(Wrapper.innermost(wrapper)).isSameAs(query);
        assertThat(modules.inUse(QUERY)).isNull();
    }

    @Test
    void aSecondSubstituteCopiesTheLayerItselfNotTheFirstCopy() {
        Substitute first = substitute();
        Substitute second = substitute();
        assertThat(second.original()).isSameAs(first);
        assertThat(first.copy().ownWeights()).isEqualTo(query.ownWeights());
        second.use(false);
        assertThat(modules.inUse(QUERY)).isSameAs(first);
        first.use(false);
        assertThat(modules.inUse(QUERY)).isNull();
        assertThat(Wrapper.innermost(modules.outermost(QUERY))).isSameAs(query);
    }

    @Test
    void takingAwayWhatIsNotThereDoesNothing() {
        Passing wrapper = wrap(QUERY);
        modules.unwrap(QUERY, wrapper);
        modules.unwrap(QUERY, wrapper);
        assertThat(modules.outermost(QUERY)).isSameAs(query);
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    /** Wrappers and substitutes in any order, switched at random, taken away in any order. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverComesAndGoesInWhateverOrderLeavesTheModelAsItWas(int seed) {
        Random random = new Random(seed);
        var before = model.modulesByPath();
        List<Wrapper> put = new ArrayList<>();
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            boolean parent = random.nextInt(4) == 0;
            paths.add(parent ? ATTENTION : QUERY);
            put.add(parent || random.nextBoolean() ? wrap(paths.get(i)) : substitute());
            assertThat(modules.base(QUERY)).isSameAs(query);
        }
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5));
        Collections.shuffle(order, random);
        for (int i : order) {
            put.forEach(wrapper -> {
                if (wrapper instanceof Substitute substitute) {
                    substitute.use(random.nextBoolean());
                }
            });
            modules.unwrap(paths.get(i), put.get(i));
            assertThat(modules.base(QUERY)).isSameAs(query);
            assertThat(modules.outermostByPath().values()).doesNotContain(put.get(i));
        }
        assertThat(model.modulesByPath()).isEqualTo(before);
        assertThat(model.modulesByPath().get(QUERY)).isInstanceOf(Linear.class);
    }
}
