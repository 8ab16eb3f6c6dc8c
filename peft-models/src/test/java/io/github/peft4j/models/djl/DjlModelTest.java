package io.github.peft4j.models.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import ai.djl.translate.TranslateException;
import ai.djl.util.StringPair;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.ToyFolders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Predictors of DJL's over toy classifiers, against what the classifiers say themselves. */
class DjlModelTest {

    private static final List<String> TEXTS = List.of("w3 w1 w4 w1 w5 w9", "w2", "w6 w5 w3", "w7 w7");

    @TempDir
    private Path folder;

    /** A classifier with a tokenizer of a word for each of its tokens. */
    private Model<SequenceHead> load(Golden golden, Map<String, Object> config) throws IOException {
        return load(golden, config, SequenceHead.class);
    }

    private <H extends Head> Model<H> load(Golden golden, Map<String, Object> config, Class<H> head)
            throws IOException {
        golden.copy(folder);
        String[] words = IntStream.range(0, 37).mapToObj(id -> "w" + id).toArray(String[]::new);
        ToyFolders.words(folder, words);
        ToyFolders.write(
                folder,
                "tokenizer_config.json",
                Map.of(
                        "tokenizer_class",
                        "PreTrainedTokenizerFast",
                        "model_input_names",
                        List.of("input_ids", "token_type_ids", "attention_mask")));
        return Models.load(folder, LoadOptions.on(Device.cpu()).withConfig(config), head);
    }

    private Model<SequenceHead> bert() throws IOException {
        try (Golden golden = Golden.encoder("bert-sequence")) {
            return load(golden, Map.of());
        }
    }

    private static List<double[]> expected(Model<SequenceHead> model) throws IOException {
        SequenceClassifier classifier = new SequenceClassifier(model);
        var tokenizer = model.tokenizer();
        List<Row> rows = TEXTS.stream()
                .map(text -> new Row(tokenizer.encode(text), Row.Target.NONE))
                .toList();
        return classifier.logits(rows).stream().map(classifier::scores).toList();
    }

    private static double[] probabilities(Classifications of) {
        return of.getProbabilities().stream().mapToDouble(Double::doubleValue).toArray();
    }

    @ParameterizedTest
    @CsvSource({
        "llama, single_label_classification",
        "llama, multi_label_classification",
        "bert, single_label_classification"
    })
    void aPredictorSaysWhatTheClassifierSays(String architecture, String problem) throws Exception {
        boolean bert = architecture.equals("bert");
        try (Golden golden = bert ? Golden.encoder("bert-sequence") : Golden.classifier("llama");
                Model<SequenceHead> model = load(golden, Map.of("problem_type", problem));
                DjlModel served = DjlModel.of(model);
                Predictor<String, Classifications> predictor = served.newPredictor(served.classifier())) {
            List<double[]> expected = expected(model);
            List<Classifications> together = predictor.batchPredict(TEXTS);
            for (int i = 0; i < TEXTS.size(); i++) {
                Classifications alone = predictor.predict(TEXTS.get(i));
                assertThat(alone.getClassNames()).containsExactly("LABEL_0", "LABEL_1", "LABEL_2");
                assertThat(probabilities(alone)).containsExactly(expected.get(i), within(1e-6));
                assertThat(probabilities(together.get(i))).containsExactly(expected.get(i), within(1e-6));
            }
            assertThat(predictor.batchPredict(List.of())).isEmpty();
        }
    }

    @Test
    void twoTextsAreOneRowOfTwoTypes() throws Exception {
        try (Model<SequenceHead> model = bert();
                DjlModel served = DjlModel.of(model);
                Predictor<StringPair, Classifications> predictor = served.newPredictor(served.pairClassifier())) {
            Tokenizer.Pair both = model.tokenizer().encodePair("w3 w1", "w4 w5 w9");
            Row row = new Row(both.ids(), both.typesFor(2), Row.Target.NONE);
            assertThat(row.tokenTypes()).containsExactly(0, 0, 1, 1, 1);
            SequenceClassifier classifier = new SequenceClassifier(model);
            double[] expected =
                    classifier.scores(classifier.logits(List.of(row)).get(0));
            StringPair texts = new StringPair("w3 w1", "w4 w5 w9");
            assertThat(probabilities(predictor.predict(texts))).containsExactly(expected, within(1e-6));
            List<Classifications> many = predictor.batchPredict(List.of(new StringPair("w2", ""), texts));
            assertThat(probabilities(many.get(1))).containsExactly(expected, within(1e-6));
        }
    }

    @Test
    void vectorsAreThoseOfTheEmbedder() throws Exception {
        try (Golden golden = Golden.encoder("bert-sequence");
                Model<EmbeddingHead> model = load(golden, Map.of(), EmbeddingHead.class);
                DjlModel served = DjlModel.of(model);
                Predictor<String, float[]> predictor = served.newPredictor(served.embedder())) {
            float[][] expected = TextEmbedder.of(model).embed(TEXTS);
            List<float[]> together = predictor.batchPredict(TEXTS);
            for (int i = 0; i < TEXTS.size(); i++) {
                assertThat(predictor.predict(TEXTS.get(i))).containsExactly(expected[i], within(1e-6f));
                assertThat(together.get(i)).containsExactly(expected[i], within(1e-6f));
            }
            assertThatThrownBy(served::classifier).hasMessageContaining("expected a SequenceHead");
        }
    }

    @Test
    void aZooModelTakesBoth() throws Exception {
        try (Model<SequenceHead> model = bert();
                DjlModel served = DjlModel.of(model);
                ZooModel<String, Classifications> zoo = new ZooModel<>(served, served.classifier());
                Predictor<String, Classifications> predictor = zoo.newPredictor()) {
            assertThat(probabilities(predictor.predict(TEXTS.get(0))))
                    .containsExactly(expected(model).get(0), within(1e-6));
            assertThat(zoo.getArtifact("config.json")).isNotNull();
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        try (Model<SequenceHead> model = bert()) {
            int live = model.scope().liveArrays();
            try (DjlModel served = DjlModel.of(model);
                    Predictor<String, Classifications> predictor = served.newPredictor(served.classifier())) {
                for (int i = 0; i < 50; i++) {
                    predictor.batchPredict(TEXTS);
                }
                assertThat(served.getNDManager().getManagedArrays()).isEmpty();
                assertThat(model.scope().liveArrays()).isEqualTo(live);
            }
            assertThat(expected(model)).hasSize(TEXTS.size());
        }
    }

    @Test
    void everyThreadHasAPredictorOfItsOwn() throws Exception {
        try (Model<SequenceHead> model = bert();
                DjlModel served = DjlModel.of(model)) {
            List<double[]> expected = expected(model);
            var threads = IntStream.range(0, 4)
                    .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                        try (Predictor<String, Classifications> predictor = served.newPredictor(served.classifier())) {
                            for (int i = 0; i < 40; i++) {
                                int text = (thread + i) % TEXTS.size();
                                assertThat(probabilities(predictor.predict(TEXTS.get(text))))
                                        .containsExactly(expected.get(text), within(1e-6));
                            }
                        } catch (TranslateException e) {
                            throw new IllegalStateException(e);
                        }
                    }))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(threads).join();
        }
    }

    @Test
    void whatGoesWrongHasItsReasonAsTheCause() throws Exception {
        Model<SequenceHead> model = bert();
        try (DjlModel served = DjlModel.of(model);
                Predictor<String, Classifications> predictor = served.newPredictor(served.classifier())) {
            assertThatThrownBy(() -> predictor.predict(""))
                    .isInstanceOf(TranslateException.class)
                    .hasRootCauseMessage("a row needs at least one token");
            assertThatThrownBy(() -> predictor.predict("w1 ".repeat(25)))
                    .isInstanceOf(TranslateException.class)
                    .rootCause()
                    .hasMessageContaining("25")
                    .hasMessageContaining("24");
            model.close();
            assertThatThrownBy(() -> predictor.predict("w1"))
                    .isInstanceOf(TranslateException.class)
                    .hasRootCauseMessage("this model is closed: its memory is freed");
        }
    }

    @Test
    void whatIsNoClassIsRefused() throws Exception {
        try (Golden golden = Golden.classifier("llama-score");
                Model<SequenceHead> model = load(golden, Map.of());
                DjlModel served = DjlModel.of(model)) {
            assertThatThrownBy(served::classifier)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "the outputs of this LlamaForSequenceClassification are values, expected those of classes:"
                                    + " SequenceClassifier gives them");
        }
        try (Golden golden = Golden.of("llama");
                Model<?> model = Models.load(golden.folder(), LoadOptions.on(Device.cpu()));
                DjlModel served = DjlModel.of(model)) {
            assertThatThrownBy(served::classifier)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("LlamaForCausalLM has a head for causal-lm, expected a SequenceHead");
        }
    }

    @Test
    void itOnlyPredicts() throws Exception {
        try (Model<SequenceHead> model = bert();
                DjlModel served = DjlModel.of(model)) {
            String inAnotherWay = "a DjlModel only predicts";
            assertThatThrownBy(() -> served.load(folder)).hasMessageStartingWith(inAnotherWay);
            assertThatThrownBy(() -> served.load(InputStream.nullInputStream())).hasMessageStartingWith(inAnotherWay);
            assertThatThrownBy(() -> served.save(folder, "x")).hasMessageStartingWith(inAnotherWay);
            assertThatThrownBy(() -> served.setBlock(model)).hasMessageStartingWith(inAnotherWay);
            assertThatThrownBy(() -> served.newTrainer(new DefaultTrainingConfig(Loss.l2Loss())))
                    .hasMessageStartingWith(inAnotherWay);
            assertThat(served.describeInput().keys()).containsExactly("input_ids", "attention_mask", "token_type_ids");
            assertThat(served.describeOutput().get("logits")).isEqualTo(new Shape(-1, 3));
        }
    }

    /** The order in which DJL's own translators give them. */
    @Test
    void theBlockTakesTypesOfTokensAfterTheMask() throws Exception {
        List<Row> rows = List.of(
                new Row(new int[] {1, 5, 2, 7, 2}, new int[] {0, 0, 0, 1, 1}, Row.Target.NONE),
                new Row(new int[] {1, 9, 2}, new int[] {0, 1, 1}, Row.Target.NONE));
        try (Model<SequenceHead> model = bert();
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                Scope scope = model.scope().child()) {
            Shape shape = new Shape(2, 5);
            NDArray ids = manager.create(new long[] {1, 5, 2, 7, 2, 1, 9, 2, 0, 0}, shape);
            NDArray mask = manager.create(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, shape);
            NDArray types = manager.create(new long[] {0, 0, 0, 1, 1, 0, 1, 1, 0, 0}, shape);
            float[] expected = model.logits(scope, ModelInput.ofRows(rows)).toFloatArray();
            float[] typed = model.forward(new ParameterStore(manager, false), new NDList(ids, mask, types), false)
                    .singletonOrThrow()
                    .toFloatArray();
            float[] untyped = model.forward(new ParameterStore(manager, false), new NDList(ids, mask), false)
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(typed).containsExactly(expected, within(1e-6f));
            assertThat(Math.abs(untyped[0] - expected[0])).isGreaterThan(1e-4f);
        }
    }
}
