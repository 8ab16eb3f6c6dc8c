package io.github.peft4j.methods.internal.layers;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CreatedBiasTest {

    private static final String PATH = "model.layers.1.self_attn.q_proj";

    @TempDir
    private Path folder;

    /** Adds a vector to a layer's output. */
    private static final class Addend extends AdaptedLayer {
        private final Weight vector;

        Addend(Module base, Weight vector) {
            super(base);
            this.vector = weight(vector);
        }

        @Override
        public Activation forward(Forward context, Activation x) {
            Activation base = wrapped().forward(context, x);
            if (!adds()) {
                return base;
            }
            Kernels k = context.kernels();
            try (base;
                    NDArray added = vector.in(k.precision(base.array()), k)) {
                return Activation.constant(k.add(base.array(), added));
            }
        }

        @Override
        protected void mergeInto(MergedValues values) {
            values.add(MergedValues.BIAS, values.kernels().copy(vector.array()));
            assertThat(values.hasBias()).isTrue();
        }

        @Override
        protected void free() {
            vector.free();
        }
    }

    private static AdaptedLayers attach(Model<LanguageHead> model, float value) {
        return AdaptedLayers.attach(
                model,
                layers -> layers.wrap(
                        PATH,
                        base -> new Addend(
                                base,
                                new Weight(
                                        "addend",
                                        FirstValues.constant(model.scope(), value, 16),
                                        Precision.FLOAT32,
                                        model.scope(),
                                        false))));
    }

    @ParameterizedTest
    @EnumSource(names = {"LLAMA", "QWEN2"})
    void whatIsMergedIntoABiasIsAddedToOneOfZerosWhereThereIsNone(ToyModel toy) {
        try (Model<LanguageHead> model = toy.load(folder, Precision.FLOAT32)) {
            float[] before = ToyOutputs.logits(model);
            int arrays = model.scope().liveArrays();
            AdaptedLayers layers = attach(model, 0.5f);
            float[] apart = ToyOutputs.logits(model);
            assertDiffers("with it", apart, before);
            LayerMerge merge = new LayerMerge(model, "default", layers.byPath());
            assertThat(merge.merge().largest()).isCloseTo(0.5, org.assertj.core.data.Offset.offset(1e-6));
            Linear merged = (Linear) Wrapper.innermost(BaseModules.of(model).outermost(PATH));
            assertThat(merged.bias()).isNotNull();
            assertClose("merged", ToyOutputs.logits(model), apart, 1e-5);
            merge.unmerge();
            assertSameBits("unmerged", ToyOutputs.logits(model), apart);
            layers.remove();
            assertSameBits("without it", ToyOutputs.logits(model), before);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void onABfloat16LayerTheNewBiasHasItsFormat() {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.BFLOAT16)) {
            AdaptedLayers layers = attach(model, 0.3f);
            new LayerMerge(model, "default", layers.byPath()).merge();
            Linear merged = (Linear) Wrapper.innermost(BaseModules.of(model).outermost(PATH));
            assertThat(merged.bias().precision()).isEqualTo(Precision.BFLOAT16);
            ToyOutputs.logits(model);
        }
    }

    @Test
    void aBiasThatWouldNotBeFiniteIsRefused() {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            AdaptedLayers layers = attach(model, Float.NaN);
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> new LayerMerge(model, "default", layers.byPath()).merge())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("seems to be broken (" + PATH + ".bias)");
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }

    @Test
    void whatFailsWhileLayersAreWrappedLeavesNothingBehind() {
        try (Model<LanguageHead> model = ToyModel.LLAMA.load(folder, Precision.FLOAT32)) {
            var modules = model.modulesByPath();
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> AdaptedLayers.attach(model, layers -> {
                        layers.wrap(
                                PATH,
                                base -> new Addend(
                                        base,
                                        new Weight(
                                                "addend",
                                                FirstValues.constant(model.scope(), 1, 16),
                                                Precision.FLOAT32,
                                                model.scope(),
                                                false)));
                        throw new IllegalArgumentException("no more of this");
                    }))
                    .hasMessage("no more of this");
            assertThat(model.modulesByPath()).isEqualTo(modules);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
            assertThatThrownBy(() -> {
                        try (AdapterParts parts = new AdapterParts(model, AttachContext.of(0))) {
                            parts.add(attach(model, 1));
                            parts.addWhole(List.of("norm"));
                            throw new IllegalArgumentException("nor of that");
                        }
                    })
                    .hasMessage("nor of that");
            assertThat(model.modulesByPath()).isEqualTo(modules);
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }
}
