package io.github.peft4j.core.internal.trained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.Toy;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainedCopyTest {

    private static final String HEAD = "lm_head";

    @TempDir
    private Path folder;

    private static TrainedCopy copy(BaseModules modules, String path) {
        TrainedCopy[] put = new TrainedCopy[1];
        modules.wrapInnermost(path, inner -> {
            put[0] = TrainedCopy.of(inner, name -> name.equals("weight"), AttachContext.of(0));
            return put[0];
        });
        return put[0];
    }

    private static void add(Weight weight, float addend) {
        Kernels k = weight.scope().kernels();
        try (NDArray more = weight.scope().floats(new float[] {addend}, 1);
                NDArray cast = k.cast(more, weight.precision())) {
            weight.replace(k.add(weight.array(), cast));
        }
    }

    @Test
    void aCopyStartsEqualAndTrainsApart() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            float[] before = Toy.logits(model);
            TrainedCopy copy = copy(BaseModules.of(model), HEAD);
            assertThat(copy.change().largest()).isZero();
            assertThat(Toy.logits(model)).containsExactly(before);
            add(copy.weights().get("weight"), 0.5f);
            assertThat(copy.change().largest()).isCloseTo(0.5, Offset.offset(1e-6));
            assertThat(Toy.logits(model)).isNotEqualTo(before);
            copy.use(false);
            assertThat(Toy.logits(model)).containsExactly(before);
        }
    }

    @Test
    void aCopyOfATiedLayerIsNoLongerTied() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, true))) {
            BaseModules modules = BaseModules.of(model);
            TrainedCopy copy = copy(modules, HEAD);
            Weight embedding = ((Embedding) modules.base("model.embed_tokens")).weight();
            assertThat(((Linear) modules.base(HEAD)).weight()).isSameAs(embedding);
            assertThat(copy.weights().get("weight")).isNotSameAs(embedding);
        }
    }

    @Test
    void aSecondCopyStartsFromTheLayerItself() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            BaseModules modules = BaseModules.of(model);
            add(copy(modules, HEAD).weights().get("weight"), 1);
            TrainedCopy second = copy(modules, HEAD);
            assertThat(second.change().largest()).isZero();
        }
    }

    @Test
    void aCopyIsMadeOfWhatWasBeforeAnAdapterWasMerged() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            BaseModules modules = BaseModules.of(model);
            Weight weight = ((Linear) modules.base(HEAD)).weight();
            Kernels k = weight.scope().kernels();
            NDArray before = weight.swap(k.scale(weight.array(), 2));
            TrainedCopy copy = copy(modules, HEAD);
            weight.restore(before);
            assertThat(copy.change().largest()).isZero();
        }
    }

    @Test
    void aTrainedCopyOfAShortWeightComputesInTheShortFormat() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false), Precision.BFLOAT16)) {
            float[] before = Toy.logits(model);
            TrainedCopy copy = copy(BaseModules.of(model), HEAD);
            Weight weight = copy.weights().get("weight");
            weight.setTrainable(true);
            assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(weight.computePrecision()).isEqualTo(Precision.BFLOAT16);
            assertThat(Toy.logits(model)).containsExactly(before);
            TrainedCopy second = copy(BaseModules.of(model), HEAD);
            assertThat(second.weights().get("weight").precision()).isEqualTo(Precision.BFLOAT16);
        }
    }

    private static TrainedCopy bias(BaseModules modules, String path) {
        TrainedCopy[] put = new TrainedCopy[1];
        modules.wrapInnermost(path, inner -> {
            put[0] = TrainedCopy.ofBias(inner, AttachContext.of(0));
            return put[0];
        });
        return put[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"lm_head", "model.norm"})
    void aLayerWithoutABiasIsGivenOneOfZerosThatIsAddedToItsOutput(String path) {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            float[] before = Toy.logits(model);
            int live = model.scope().liveArrays();
            BaseModules modules = BaseModules.of(model);
            TrainedCopy copy = bias(modules, path);
            assertThat(copy.weights()).containsOnlyKeys("bias");
            assertThat(copy.change().largest()).isZero();
            assertThat(Toy.logits(model)).containsExactly(before);
            add(copy.weights().get("bias"), 0.25f);
            assertThat(copy.change().largest()).isEqualTo(0.25);
            float[] after = Toy.logits(model);
            if (path.equals("lm_head")) {
                for (int i = 0; i < after.length; i++) {
                    assertThat(after[i]).isCloseTo(before[i] + 0.25f, Offset.offset(1e-5f));
                }
            } else {
                assertThat(after).isNotEqualTo(before);
            }
            modules.unwrap(path, copy);
            copy.free();
            assertThat(Toy.logits(model)).containsExactly(before);
            assertThat(model.scope().liveArrays()).isEqualTo(live);
        }
    }

    @Test
    void aLayerThatCanHaveNoBiasIsRefused() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            assertThatThrownBy(() -> bias(BaseModules.of(model), "model.embed_tokens"))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("a Embedding has no bias and cannot be given one");
        }
    }

    @Test
    void keptInFloat32ACopyComputesInTheShortFormatAllTheSame() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false), Precision.BFLOAT16)) {
            float[] before = Toy.logits(model);
            Weight weight =
                    copy(BaseModules.of(model), HEAD).inFloat32().weights().get("weight");
            assertThat(weight.trainable()).isFalse();
            assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(weight.computePrecision()).isEqualTo(Precision.BFLOAT16);
            assertThat(Toy.logits(model)).containsExactly(before);
        }
    }

    @Test
    void freeingACopyFreesOnlyWhatIsItsOwn() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            float[] before = Toy.logits(model);
            int live = model.scope().liveArrays();
            BaseModules modules = BaseModules.of(model);
            TrainedCopy first = copy(modules, HEAD);
            TrainedCopy second = copy(modules, HEAD);
            for (TrainedCopy copy : new TrainedCopy[] {first, second}) {
                modules.unwrap(HEAD, copy);
                copy.free();
            }
            assertThat(model.scope().liveArrays()).isEqualTo(live);
            assertThat(Toy.logits(model)).containsExactly(before);
        }
    }

    @Test
    void aModuleWithChildrenCannotBeCopied() {
        try (Model<LanguageHead> model = Toy.load(Toy.write(folder, false))) {
            assertThatThrownBy(() -> copy(BaseModules.of(model), "model.layers.0.mlp"))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessage("a GatedMlp cannot be copied: only linear layers, embeddings and norms can");
        }
    }
}
