package io.github.peft4j.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What adapters, of one method or of several, do together in one model. */
class SeveralAdaptersTest extends AdaptedToy {

    /** {@link FakeMethod} under another name. */
    private static final class OtherMethod extends PeftMethod<OtherConfig> implements Combinable {
        OtherMethod() {
            super("other", OtherConfig.SCHEMA, Defaults.USUAL);
        }

        @Override
        public Adapter attach(Model<?> model, OtherConfig config, AttachContext context) {
            return new OtherAdapter(config, new FakeMethod().attach(model, config.fake(), context));
        }

        @Override
        public Optional<Combinable> combinable() {
            return Optional.of(this);
        }

        @Override
        public PeftConfig combinedConfig(List<Part> parts, Combination how) {
            return parts.get(0).adapter().config();
        }

        @Override
        public void fill(Adapter combined, List<Part> parts, Combination how) {
            if (how.kind() != Combination.Kind.LINEAR) {
                throw new IllegalArgumentException("only linear");
            }
            combined.parameters().forEach((key, weight) -> {
                var k = weight.scope().kernels();
                k.scaleInto(weight.array(), 0);
                for (Part part : parts) {
                    Weight theirs = part.adapter().parameters().get(key);
                    try (var scaled = k.scale(theirs.array(), part.weight())) {
                        k.addInto(weight.array(), scaled);
                    }
                }
            });
        }
    }

    private record OtherConfig(CommonSettings common, SettingValues values) implements PeftConfig {

        static final ConfigSchema<OtherConfig> SCHEMA =
                FakeConfig.schema("OTHER").build(OtherConfig::new);

        static OtherConfig of(double initial, String... targets) {
            FakeConfig fake = FakeConfig.of(targets).withInitial(initial);
            return SCHEMA.read(fake.settings(), "test");
        }

        FakeConfig fake() {
            return FakeConfig.SCHEMA.read(settings(), "test").withCommon(common);
        }
    }

    private record OtherAdapter(PeftConfig config, Adapter fake) implements Adapter {
        @Override
        public Map<String, Weight> parameters() {
            return fake.parameters();
        }

        @Override
        public void setEnabled(boolean enabled) {
            fake.setEnabled(enabled);
        }

        @Override
        public boolean isEnabled() {
            return fake.isEnabled();
        }

        @Override
        public void remove() {
            fake.remove();
        }
    }

    private PeftModel<?> two() {
        PeftMethods methods = PeftMethods.of(new FakeMethod(), new OtherMethod());
        PeftModel<?> peft = PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(1.5), named("fake"), methods);
        peft.add(OtherConfig.of(0.5, "v_proj", "q_proj"), named("other"));
        return peft;
    }

    @Test
    void adaptersOfSeveralMethodsWorkTogetherAndApart(@TempDir Path saved) throws IOException {
        int live = model.scope().liveArrays();
        PeftModel<?> peft = two();
        float[] fake = Toy.logits(model);
        peft.setActive("other");
        float[] other = Toy.logits(model);
        peft.setActive("fake", "other");
        float[] both = Toy.logits(model);
        assertThat(both).isNotEqualTo(fake).isNotEqualTo(other);
        peft.save(saved);
        peft.delete("fake");
        assertThat(Toy.logits(model)).containsExactly(other);
        peft.unload();
        assertThat(Toy.logits(model)).containsExactly(base);
        assertThat(model.scope().liveArrays()).isEqualTo(live);
        PeftModel<?> again = PeftModel.of(model, PeftMethods.of(new FakeMethod(), new OtherMethod()));
        again.loadAll(saved);
        assertThat(again.status().peftTypes()).isEqualTo(Map.of("fake", "FAKE", "other", "OTHER"));
        again.setActive("fake", "other");
        assertThat(Toy.logits(model)).containsExactly(both);
    }

    // ---- merging by name

    private PeftModel<?> threeFakes() {
        PeftModel<?> peft =
                PeftModel.attach(model, FakeConfig.of("q_proj").withInitial(1.5), named("a"), FakeMethod.ALONE);
        peft.add(FakeConfig.of("v_proj").withInitial(0.5), named("b"));
        peft.add(FakeConfig.of("k_proj").withInitial(2.0), named("c"));
        return peft;
    }

    @Test
    void thoseNamedAreMergedAndNoOthers() {
        PeftModel<?> peft = threeFakes();
        peft.setActive("b", "c");
        float[] wanted = Toy.logits(model);
        peft.setActive("a");
        peft.mergeActive();
        assertThat(peft.merge("b", "c").largest()).isPositive();
        assertThat(peft.active()).containsExactly("b", "c");
        assertThat(peft.status().adapters())
                .extracting(ModelStatus.OfAdapter::merged)
                .containsExactly(false, true, true);
        assertThat(Toy.logits(model)).usingComparatorWithPrecision(1e-5f).containsExactly(wanted);
        peft.unmerge();
        assertThat(Toy.logits(model)).containsExactly(wanted);
    }

    @Test
    void ifOneCannotBeMergedAllIsAsBefore() {
        PeftModel<?> peft = threeFakes();
        peft.mergeActive();
        float[] before = Toy.logits(model);
        ((FakeAdapter) peft.adapter("b")).canMerge = false;
        assertThatThrownBy(() -> peft.merge("c", "b"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("adapter 'b' of type FAKE cannot be merged into the base model's weights");
        assertThatThrownBy(() -> peft.merge("c", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Adapter x does not exist; there are [a, b, c]");
        Weight factor = peft.adapter("c").parameters().values().iterator().next();
        factor.scope().kernels().scaleInto(factor.array(), Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> peft.merge("c"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("NaNs detected in the merged weights.");
        assertThat(peft.active()).containsExactly("a");
        assertThat(peft.status().adapters())
                .extracting(ModelStatus.OfAdapter::merged)
                .containsExactly(true, false, false);
        assertThat(Toy.logits(model)).containsExactly(before);
    }

    // ---- combining

    @Test
    void aMethodCombinesItsAdapters() {
        PeftModel<?> peft = two();
        peft.add(OtherConfig.of(2, "v_proj", "q_proj"), named("third"));
        peft.combine("mean", Map.of("other", 0.5, "third", 0.5), Combination.linear());
        assertThat(peft.names()).containsExactly("fake", "other", "third", "mean");
        assertThat(peft.active()).containsExactly("fake");
        assertThat(peft.adapter("mean").parameters().values()).allSatisfy(weight -> {
            assertThat(weight.trainable()).isFalse();
            assertThat(weight.scope().kernels().toFloats(weight.array())).containsOnly(1.25f);
        });
    }

    @Test
    void whatCannotBeCombinedIsRefusedAndChangesNothing() {
        PeftModel<?> peft = two();
        peft.add(FakeConfig.of("v_proj").saving("lm_head"), named("copy"));
        int live = model.scope().liveArrays();
        assertThatThrownBy(() -> peft.combine("new", Map.of("fake", 1.0, "other", 1.0), Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot combine adapters with different peft types. Found FAKE and OTHER.");
        assertThatThrownBy(() -> peft.combine("new", Map.of("fake", 1.0, "copy", 1.0), Combination.linear()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("adapters of type FAKE cannot be combined with weights");
        assertThatThrownBy(() -> peft.combine("other", Map.of("other", 1.0), Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Adapter with name 'other' already exists.");
        assertThatThrownBy(() -> peft.combine("new", Map.of("x", 1.0), Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Adapter x does not exist; there are [fake, other, copy]");
        assertThatThrownBy(() -> peft.combine("new", Map.of(), Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Found no adapter matching the names in []: name at least one");
        assertThatThrownBy(() -> peft.combine("new", Map.of("other", Double.NaN), Combination.linear()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the weight of adapter 'other' must be finite, got NaN");
        assertThatThrownBy(() -> peft.combine("new", Map.of("other", 1.0), Combination.cat()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("only linear");
        assertThat(peft.names()).containsExactly("fake", "other", "copy");
        assertThat(model.scope().liveArrays()).isEqualTo(live);
    }

    // ---- what a method may lack

    @Test
    void whatAMethodCannotDoIsSaid() {
        PeftModel<?> peft = two();
        assertThatThrownBy(() -> peft.swap(folder, "fake"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("adapter 'fake' of type FAKE cannot be hot-swapped: delete it and load the other");
        assertThatThrownBy(() -> peft.selectRows(List.of("__base__")))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("adapter 'fake' of type FAKE, which is active, cannot be used for some rows");
        peft.deactivate();
        assertThat(peft.selectRows(List.of("__base__", "__base__")).count()).isEqualTo(2);
    }

    @Test
    void theNameForNoAdapterIsTaken() {
        PeftModel<?> peft = two();
        assertThatThrownBy(() -> peft.add(FakeConfig.of("q_proj"), named("__base__")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an adapter cannot be named \"__base__\", which stands for none where rows choose");
    }

    @Test
    void percentagesAreRoundedAsInPython() {
        assertThat(new ModelStatus.Parameters(1, 3200))
                .hasToString("trainable params: 1 || all params: 3,200 || trainable%: 0.0312");
        assertThat(new ModelStatus.Parameters(3, 3200))
                .hasToString("trainable params: 3 || all params: 3,200 || trainable%: 0.0938");
        assertThat(new ModelStatus.Parameters(20480, 1303132160))
                .hasToString("trainable params: 20,480 || all params: 1,303,132,160 || trainable%: 0.0016");
        assertThat(new ModelStatus.Parameters(7, 7))
                .hasToString("trainable params: 7 || all params: 7 || trainable%: 100.0000");
    }
}
