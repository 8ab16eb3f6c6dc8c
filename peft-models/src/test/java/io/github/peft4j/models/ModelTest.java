package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValue;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What all models have in common, and their face as DJL blocks. */
class ModelTest {

    private final Golden golden = Golden.of("llama-biased");
    private Model<LanguageHead> model;

    @BeforeEach
    void load() throws IOException {
        model = Models.load(golden.folder(), Device.cpu(), Precision.FLOAT32);
    }

    @AfterEach
    void close() {
        model.close();
        golden.close();
    }

    @Test
    void countsSharedWeightsOnce() {
        long expected = golden.namesAfter("gradient.").stream()
                .mapToLong(name -> new Shape(golden.shape("gradient." + name)).size())
                .sum();
        assertThat(model.parameterCount()).isEqualTo(expected);
    }

    @Test
    void trainsASharedWeightOnce() {
        assertThat(model.trainableWeights()).isEmpty();
        Weight embedding = model.weightsByPath().get("lm_head.weight");
        assertThat(embedding).isSameAs(model.weightsByPath().get("model.embed_tokens.weight"));
        embedding.setTrainable(true);
        assertThat(model.trainableWeights()).containsOnlyKeys("model.embed_tokens.weight");
        model.freeze();
        assertThat(model.trainableWeights()).isEmpty();
    }

    @Test
    void hiddenStatesAreWhatTheHeadReads() {
        ModelInput input = ModelInput.of(List.of(new int[] {1, 2, 3}, new int[] {4, 5}));
        try (Scope scope = model.scope().child()) {
            NDArray hidden = model.hiddenStates(scope, input);
            assertThat(hidden.getShape()).isEqualTo(new Shape(5, model.config().hiddenSize()));
            NDArray table = model.weightsByPath().get("lm_head.weight").array();
            assertThat(scope.kernels().linear(hidden, table, null).toFloatArray())
                    .containsExactly(model.logits(scope, input).toFloatArray(), within(1e-5F));
        }
    }

    @Test
    void losesNothingOnRowsWithoutLabels() {
        Batch rows = Batch.of(List.of(new int[] {1, 2}), List.of(new int[] {1, -100}));
        assertThat(model.head().objective().items(model, rows)).isZero();
        try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
            assertThat(model.head().objective().loss(context, model, rows, 1)).isZero();
            context.backward();
        }
    }

    @Test
    void refusesLabelsThatAreNotInTheVocabulary() {
        Batch rows = Batch.of(List.of(new int[] {1, 2}), List.of(new int[] {1, 37}));
        try (Forward context = Forward.inference(model.scope())) {
            assertThatThrownBy(() -> model.head().objective().loss(context, model, rows, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("label 37 is not in the vocabulary of 37 tokens");
        }
    }

    /** The weight scales gradients only. */
    @Test
    void sumsTheLossAndScalesItsGradient() {
        Weight norm = model.weightsByPath().get("model.norm.weight");
        norm.setTrainable(true);
        float[][] gradients = new float[2][];
        double[] losses = new double[2];
        for (int i = 0; i < 2; i++) {
            try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
                losses[i] = model.head().objective().loss(context, model, golden.labelled(), i + 1);
                context.backward();
            }
            gradients[i] = model.scope().kernels().toFloats(norm.gradient());
            norm.clearGradient();
        }
        assertThat(losses[1]).isEqualTo(losses[0]);
        for (int i = 0; i < gradients[0].length; i++) {
            assertThat(gradients[1][i]).isCloseTo(2 * gradients[0][i], org.assertj.core.data.Offset.offset(1e-4f));
        }
    }

    /** Gradients of several passes add up to that of all rows at once. */
    @Test
    void accumulatesOverMicroBatches() {
        Weight embedding = model.weightsByPath().get("lm_head.weight");
        embedding.setTrainable(true);
        Batch all = golden.labelled();
        double weight = 1.0 / model.head().objective().items(model, all);
        for (Row row : all.rows()) {
            try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
                model.head().objective().loss(context, model, new Batch(List.of(row)), weight);
                context.backward();
            }
        }
        Golden.assertClose(
                "gradient",
                model.scope().kernels().toFloats(embedding.gradient()),
                golden.floats("gradient.model.embed_tokens.weight"),
                2e-5);
    }

    @Test
    void noticesInputChangesThatDoNotDoWhatTheySay() {
        try (Scope scope = model.scope().child()) {
            Activation embeddings = Activation.constant(scope.floats(new float[18], 1, 18));
            Model.InputTransform silent = (context, input) -> input.withVirtualTokens(embeddings);
            model.addInputTransform(silent);
            assertThatThrownBy(() -> model.logits(scope, ModelInput.of(golden.rows())))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the changes to inputs were to give 0 virtual tokens before each row, but gave 1");
            model.removeInputTransform(silent);
            model.logits(scope, ModelInput.of(golden.rows()));
        }
    }

    @Test
    void refusesAPrefixOfAnotherNumberOfLayers() {
        try (Scope scope = model.scope().child()) {
            Activation one = Activation.constant(scope.floats(new float[36], 2, 3, 6));
            ModelInput input = ModelInput.of(golden.rows()).withPastKeyValues(List.of(new KeyValue(one, one)));
            assertThat(input.pastKeyValueCount()).isEqualTo(2);
            assertThatThrownBy(() -> model.logits(scope, input))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("past keys and values of 1 layers, but llama has 2");
        }
    }

    @Test
    void refusesTokensThatDoNotContinueTheCache() {
        try (Scope scope = model.scope().child();
                KeyValueCache cache = new KeyValueCache(scope, 1, 2)) {
            ModelInput late = new ModelInput(new int[] {1}, new Rows(new int[] {1}, new int[] {3}), null, List.of());
            assertThatThrownBy(() -> new Decoding(model, cache).next(scope, late))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("row 0 has 0 positions in the cache, but its new tokens come after 3");
        }
    }

    @Test
    void closesWhatIsTiedToItAndSaysWhatFailed() throws IOException {
        Model<LanguageHead> own = Models.load(golden.folder(), Device.cpu(), Precision.FLOAT32);
        boolean[] closed = new boolean[1];
        own.closeWithModel(() -> {
            throw new IOException("the disk is gone");
        });
        own.closeWithModel(() -> closed[0] = true);
        assertThatThrownBy(own::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("could not close all of the model")
                .hasRootCauseMessage("the disk is gone");
        assertThat(closed[0]).isTrue();
        own.close();
    }

    // ---- as a DJL block

    private NDList call(NDManager manager, NDArray... inputs) {
        return model.forward(new ParameterStore(manager, false), new NDList(inputs), false);
    }

    @Test
    void needsNoMaskWhereNothingIsPadded() {
        int[] row = golden.rows().get(0);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray ids = manager.create(row).reshape(1, row.length);
            NDArray logits = call(manager, ids).singletonOrThrow();
            float[] expected = java.util.Arrays.copyOf(golden.floats("logits"), row.length * 37);
            Golden.assertClose("logits", logits.toFloatArray(), expected, 1e-5);
            assertThat(model.getOutputShapes(new Shape[] {ids.getShape()})).containsExactly(logits.getShape());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"INT64", "INT32", "FLOAT32", "BOOLEAN"})
    void takesMasksOfAnyType(DataType type) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray ids = manager.create(new long[] {3, 4, 0, 5, 0, 0}, new Shape(2, 3));
            NDArray mask = manager.create(new int[] {1, 1, 0, 1, 0, 0}, new Shape(2, 3));
            NDArray logits = call(manager, ids, mask.toType(type, true)).singletonOrThrow();
            assertThat(logits.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(logits.get("0,2").toFloatArray()).containsOnly(0);
            assertThat(logits.get("1,0").toFloatArray()).doesNotContain(0);
        }
    }

    @Test
    void givesFloat32LogitsToDjlWhateverItComputesIn() throws IOException {
        try (Model<LanguageHead> half = Models.load(golden.folder(), Device.cpu(), Precision.BFLOAT16);
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray ids = manager.create(new long[] {3, 4}, new Shape(1, 2));
            NDArray logits = half.forward(new ParameterStore(manager, false), new NDList(ids), false)
                    .singletonOrThrow();
            assertThat(logits.getDataType()).isEqualTo(DataType.FLOAT32);
            assertThat(logits.toFloatArray()).hasSize(2 * 37).doesNotContain(Float.NaN);
        }
    }

    @Test
    void saysWhatItTakesAsABlock() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray ids = manager.create(new long[] {3, 4}, new Shape(1, 2));
            NDArray flat = manager.create(new long[] {3, 4});
            assertThatThrownBy(() -> call(manager, ids, ids, ids, ids))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a model takes token ids, perhaps an attention mask, and perhaps token types, got 4"
                            + " arrays");
            assertThatThrownBy(() -> call(manager)).hasMessageEndingWith("got 0 arrays");
            assertThatThrownBy(() -> call(manager, flat))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token ids must have the shape [B, T], got (2)");
            assertThatThrownBy(() -> call(manager, ids, flat))
                    .hasMessage("the attention mask must have the shape [B, T], got (2)");
            assertThatThrownBy(() -> call(manager, ids, manager.create(new long[] {1}, new Shape(1, 1))))
                    .hasMessage("row 0 has 2 token ids, but a mask of 1");
            assertThatThrownBy(() -> call(manager, ids, ids, manager.create(new long[] {1}, new Shape(1, 1))))
                    .hasMessage("row 0 has 2 token ids, but 1 token types");
            assertThatThrownBy(() -> call(manager, ids, ids, ids))
                    .hasMessage("llama knows no types of tokens: leave token_type_ids out");
        }
    }

    /** Hidden states come first, and every module below the model can be run by itself. */
    @Test
    void runsTheDecoderByItself() {
        int[] row = golden.rows().get(0);
        try (Forward context = Forward.inference(model.scope(), Rows.of(row.length))) {
            Activation ids = Activation.constant(context.scope().longs(row));
            Activation hidden = model.at("model").forward(context, ids);
            Activation logits = model.at("lm_head").forward(context, hidden);
            Activation whole = model.forward(context, ids);
            assertThat(context.kernels().toFloats(logits.array()))
                    .isEqualTo(context.kernels().toFloats(whole.array()));
            float[] expected = java.util.Arrays.copyOf(golden.floats("logits"), row.length * 37);
            Golden.assertClose("logits", context.kernels().toFloats(whole.array()), expected, 1e-5);
        }
    }
}
