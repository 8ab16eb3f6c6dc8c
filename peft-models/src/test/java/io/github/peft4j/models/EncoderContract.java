package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.tokens.TokenHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every encoder must do as transformers does it, with each of its heads; each extends this with the name of its golden cases. */
@Tag("golden")
public abstract class EncoderContract {

    private static final double CLOSE = 1e-5;

    private final String name;
    private final double deviation;

    /** The cases of {@code tools/golden_encoders.py} that begin so, of an architecture that draws new layers as most do. */
    protected EncoderContract(String name) {
        this(name, 0.02);
    }

    /**
     * The same of one that draws them in another way.
     *
     * @param deviation of the weights of a new output layer for tokens
     */
    protected EncoderContract(String name, double deviation) {
        this.name = name;
        this.deviation = deviation;
    }

    private Golden golden(String head) {
        return Golden.encoder(name + "-" + head);
    }

    private static Model<Head> load(Golden golden) throws CheckpointException {
        return Models.load(golden.folder(), LoadOptions.on(Device.cpu()), Head.class);
    }

    /** Outputs of rows; hidden states of all tokens where outputs are made of these. */
    private static float[] logits(Model<?> model, List<Row> rows) {
        try (Scope scope = model.scope().child()) {
            ModelInput input = ModelInput.ofRows(rows);
            return scope.kernels()
                    .toFloats(
                            model.head() instanceof EmbeddingHead
                                    ? model.hiddenStates(scope, input)
                                    : model.logits(scope, input));
        }
    }

    /** Checks the outputs of the golden rows. */
    protected static void assertOutputs(Golden golden, Model<?> model) {
        assertClose("outputs", logits(model, rows(golden, false)), golden.floats("logits"), CLOSE);
    }

    private static List<Row> rows(Golden golden, boolean typed) {
        List<int[]> ids = golden.rows();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            int[] types = typed ? golden.split("types").get(i) : new int[0];
            rows.add(new Row(ids.get(i), types, Row.Target.NONE));
        }
        return rows;
    }

    private static boolean typed(Golden golden) {
        return golden.has("types");
    }

    private static Batch labelled(Golden golden, Model<?> model) {
        List<Row> rows = rows(golden, typed(golden));
        int[] classes = golden.ints("labels");
        List<Row> labelled = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            Row.Target target = model.head() instanceof SequenceHead
                    ? new Row.Target.Label(classes[i])
                    : new Row.Target.TokenLabels(golden.split("labels").get(i));
            labelled.add(new Row(rows.get(i).tokenIds(), rows.get(i).tokenTypes(), target));
        }
        return new Batch(labelled);
    }

    @ParameterizedTest
    @ValueSource(strings = {"masked", "sequence", "tokens", "features"})
    protected void outputsAreTransformersOfRowsEndToEndAndAlone(String head) throws CheckpointException {
        try (Golden golden = golden(head);
                Model<Head> model = load(golden)) {
            assertThat(model.head().newLayers()).isEmpty();
            assertOutputs(golden, model);
            float[] first = logits(model, rows(golden, false).subList(0, 1));
            assertClose("a row alone", first, Arrays.copyOf(golden.floats("logits"), first.length), CLOSE);
            if (typed(golden)) {
                assertClose("with types", logits(model, rows(golden, true)), golden.floats("typed.logits"), CLOSE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"masked", "sequence", "tokens"})
    protected void lossAndAllGradientsAreTransformers(String head) throws CheckpointException {
        try (Golden golden = golden(head);
                Model<Head> model = load(golden)) {
            model.weightsByPath().values().forEach(weight -> weight.setTrainable(true));
            Batch batch = labelled(golden, model);
            Objective objective = model.head().objective();
            int items = objective.items(model, batch);
            double loss = step(model, batch, items);
            double expected = golden.floats("loss")[0];
            assertThat(loss).isCloseTo(expected, within(CLOSE * Math.abs(expected)));
            Map<String, Weight> weights = model.weightsByPath();
            List<String> names = golden.namesAfter("gradient.");
            assertThat(names).hasSizeGreaterThan(20);
            for (String weight : names) {
                assertThat(weights).containsKey(weight);
                assertGradient(
                        golden,
                        "gradient.",
                        weight,
                        weights.get(weight),
                        model.scope().kernels());
            }
            try (Forward context = Forward.inference(model.scope())) {
                double again = objective.evaluate(context, model, batch, (row, outputs) -> {}) / items;
                assertThat(again).isCloseTo(loss, within(1e-6));
            }
        }
    }

    /** A key's bias shifts all scores of a query alike, so its gradient is zero but for rounding. */
    private static void assertGradient(Golden golden, String prefix, String path, Weight weight, Kernels k) {
        float[] expected = golden.floats(prefix + path);
        boolean key = path.contains(".key.") || path.contains(".k_lin.");
        float[] measure = golden.has(prefix + path.replace("bias", "weight")) && key
                ? golden.floats(prefix + path.replace("bias", "weight"))
                : expected;
        assertClose(path, k.toFloats(weight.gradient()), expected, measure, 3 * CLOSE);
    }

    private static double step(Model<?> model, Batch batch, int items) {
        try (Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
            double loss = model.head().objective().loss(context, model, batch, 1.0 / items) / items;
            context.backward();
            return loss;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"masked", "sequence", "tokens", "features"})
    protected void virtualTokensStandBeforeRowsAsTokensOfTheFirstType(String head) throws CheckpointException {
        try (Golden golden = golden(head);
                Model<Head> model = load(golden);
                Forward context = Forward.recording(model.scope(), new Forward.Recording(0, false, false))) {
            Kernels k = context.kernels();
            long[] shape = golden.shape("virtual.embeddings");
            Activation virtual =
                    Activation.variable(context.scope().floats(golden.floats("virtual.embeddings"), shape));
            ModelInput input = ModelInput.ofRows(rows(golden, typed(golden))).withVirtualTokens(virtual);
            Activation outputs = model.head() instanceof EmbeddingHead
                    ? model.backbone().hidden(context, input, null)
                    : model.head().outputs(context, model.backbone(), input);
            float[] values = k.toFloats(outputs.array());
            assertClose("outputs", values, golden.floats("virtual.logits"), CLOSE);
            // Of the mean of squares.
            for (int i = 0; i < values.length; i++) {
                values[i] *= 2f / values.length;
            }
            NDArray gradient =
                    context.scope().floats(values, outputs.array().getShape().getShape());
            outputs.accumulate(gradient, k);
            context.backward();
            assertClose("gradient", k.toFloats(virtual.takeGradient()), golden.floats("virtual.gradient"), 3 * CLOSE);
        }
    }

    @Test
    void aLongRowIsSeenFromBothSidesToo() throws CheckpointException {
        try (Golden golden = golden("tokens");
                Model<Head> model = load(golden)) {
            Row row = new Row(golden.ints("long.ids"), new Row.Target.TokenLabels(golden.ints("long.labels")));
            float[] all = logits(model, List.of(row));
            float[] last = golden.floats("long.logits");
            assertClose("logits", Arrays.copyOfRange(all, all.length - last.length, all.length), last, CLOSE);
            List<String> names = golden.namesAfter("long.gradient.");
            assertThat(names).isNotEmpty();
            Map<String, Weight> weights = model.weightsByPath();
            names.forEach(weight -> weights.get(weight).setTrainable(true));
            double expected = golden.floats("long.loss")[0];
            assertThat(step(model, new Batch(List.of(row)), row.length()))
                    .isCloseTo(expected, within(CLOSE * expected));
            names.forEach(weight -> assertGradient(
                    golden,
                    "long.gradient.",
                    weight,
                    weights.get(weight),
                    model.scope().kernels()));
        }
    }

    /** Padding among a row's own tokens takes no position in RoBERTa and its kin, so that row has a token more. */
    @Test
    void aRowFillsTheTableOfPositionsAndALongerOneIsRefused() throws CheckpointException {
        try (Golden golden = golden("features");
                Model<Head> model = load(golden)) {
            boolean table = model.anatomy().positions() == Anatomy.PositionScheme.LEARNED;
            assertThat(golden.has("full.ids")).isEqualTo(table);
            if (!table) {
                return;
            }
            int[] full = golden.ints("full.ids");
            float[] all = logits(model, List.of(new Row(full, Row.Target.NONE)));
            float[] last = golden.floats("full.logits");
            assertClose("outputs", Arrays.copyOfRange(all, all.length - last.length, all.length), last, CLOSE);
            int[] longer = Arrays.copyOf(full, full.length + 1);
            longer[full.length] = full[0];
            int positions = model.config().maxPositions();
            assertThatThrownBy(() -> logits(model, List.of(new Row(longer, Row.Target.NONE))))
                    .hasMessage("a row has " + (positions + 1) + " positions, but " + name + " has a table of "
                            + positions + ": shorten the rows");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"masked", "sequence", "tokens", "features"})
    void declaresWhereItsPartsAre(String head) throws CheckpointException {
        try (Golden golden = golden(head);
                Model<Head> model = load(golden)) {
            Anatomy anatomy = model.anatomy();
            Map<String, Module> modules = model.modulesByPath();
            assertThat(anatomy.linears())
                    .extracting(Anatomy.LinearLayer::path)
                    .containsExactlyElementsOf(modules.keySet().stream()
                            .filter(path -> modules.get(path) instanceof Linear && !path.equals(anatomy.head()))
                            .toList());
            assertThat(anatomy.norms())
                    .containsExactlyInAnyOrderElementsOf(modules.keySet().stream()
                            .filter(path -> modules.get(path) instanceof LayerNorm)
                            .toList());
            assertThat(anatomy.embeddings())
                    .containsExactlyInAnyOrderElementsOf(modules.keySet().stream()
                            .filter(path -> modules.get(path) instanceof Embedding)
                            .toList());
            anatomy.linears()
                    .forEach(linear -> assertThat(((Linear) modules.get(linear.path())).bias() != null)
                            .as(linear.path())
                            .isEqualTo(linear.bias()));
            assertThat(model.backbone().causal()).isFalse();
            assertThat(anatomy.head()).isEqualTo(model.head().outputLayer());
        }
    }

    @Test
    void drawsAHeadThatTheCheckpointLacksAndSaysSo() throws CheckpointException {
        try (Golden golden = golden("masked");
                Model<TokenHead> model = Models.load(
                        golden.folder(),
                        LoadOptions.on(Device.cpu()).withLabels(List.of("a", "b", "c", "d")),
                        TokenHead.class)) {
            assertThat(model.head().newLayers()).containsExactly(model.head().outputLayer());
            assertThat(model.head().labels().names()).containsExactly("a", "b", "c", "d");
            float[] weight =
                    model.scope().kernels().toFloats(model.head().outputWeight().array());
            double sum = 0;
            for (float value : weight) {
                sum += value * value;
            }
            assertThat(Math.sqrt(sum / weight.length)).isCloseTo(deviation, within(0.3 * deviation));
        }
    }

    @Test
    void predictsNoNextToken() {
        try (Golden golden = golden("masked")) {
            assertThatThrownBy(() -> Models.load(golden.folder(), LoadOptions.on(Device.cpu()), LanguageHead.class))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("none of them predicts the next token");
        }
    }

    @Test
    void refusesWhatItCannotRead() throws CheckpointException {
        try (Golden golden = golden("tokens");
                Model<Head> model = load(golden)) {
            Row.Target labels = new Row.Target.TokenLabels(new int[] {0, 99});
            assertThatThrownBy(() -> step(model, new Batch(List.of(new Row(new int[] {1, 2}, labels))), 1))
                    .hasMessage(
                            "label 99 is none of the model's 5 outputs; tokens that are not supervised have the label -100");
            Row typed = new Row(new int[] {1, 2}, new int[] {0, 9}, Row.Target.NONE);
            assertThatThrownBy(() -> logits(model, List.of(typed)))
                    .hasMessage(
                            model.backbone().tokenTypes() == 0
                                    ? name + " knows no types of tokens: leave token_type_ids out"
                                    : "token type 9 is none of the "
                                            + model.backbone().tokenTypes() + " of " + name);
            assertThatThrownBy(() -> step(model, new Batch(List.of(typed)), 1))
                    .hasMessage("a row to learn what its tokens are needs a label for each, got one with None");
            assertThatThrownBy(() -> step(
                            model,
                            new Batch(
                                    List.of(new Row(new int[] {1, 2}, new Row.Target.TokenLabels(new int[] {0, 1}))),
                                    true),
                            1))
                    .hasMessage(
                            "rows whose tokens see what comes after them cannot be padded: they would see the padding");
        }
    }
}
