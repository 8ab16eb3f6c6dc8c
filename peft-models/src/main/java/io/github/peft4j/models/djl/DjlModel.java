package io.github.peft4j.models.djl;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.util.PairList;
import ai.djl.util.StringPair;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceClassifier;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.text.Tokenizer;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model as DJL's programs know one, to make predictors of:
 *
 * <pre>{@code
 * try (DjlModel served = DjlModel.of(model);
 *         Predictor<String, Classifications> predictor = served.newPredictor(served.classifier())) {
 *     predictor.predict("What a film!").best();
 * }
 * }</pre>
 *
 * <p>Its block is the model, which stays the caller's: closing this, or a predictor, closes neither it nor its adapters. What is active on
 * the model when a prediction begins counts for the whole of it, its tokenizer included; who changes adapters meanwhile waits for it, and the next prediction
 * is made with the others.
 *
 * <p>As everywhere in DJL a predictor is of one thread; any number of them may work on one model at once. {@link Predictor#batchPredict} computes
 * all its inputs in one pass, without padding: memory grows with their tokens. What goes wrong comes as {@link TranslateException}, with its
 * reason as the cause.
 */
public final class DjlModel extends BaseModel {

    private static final String IN_ANOTHER_WAY =
            "a DjlModel only predicts: load, train and save the model that it was made of, which shows here at once";

    private final Model<?> model;

    private DjlModel(Model<?> model) {
        super(model.anatomy().className());
        this.model = model;
        this.manager = NDManager.newBaseManager(model.scope().device(), "PyTorch");
        this.dataType = DataType.FLOAT32;
        this.block = model;
        ModelOrigin origin = model.origin();
        if (origin != null) {
            setModelDir(origin.folder());
        }
    }

    /**
     * A model for DJL.
     *
     * @param model stays the caller's, and is to be closed after this
     * @throws IllegalStateException if it is closed
     */
    public static DjlModel of(Model<?> model) {
        return new DjlModel(model);
    }

    /**
     * From a text to the probabilities of the model's classes: of those that exclude each other, which add up to 1, or of each on its own.
     *
     * @throws IllegalArgumentException if the model has another head, or its outputs are values and no classes
     */
    public Translator<String, Classifications> classifier() {
        return classifier(text -> new Row(model.tokenizer().encode(text), Row.Target.NONE));
    }

    /**
     * The same from two texts, for classifiers that were trained on such: key and value are what rows call {@code text} and
     * {@code text_pair}.
     *
     * @throws IllegalArgumentException as {@link #classifier()}
     */
    public Translator<StringPair, Classifications> pairClassifier() {
        return classifier(texts -> {
            Tokenizer.Pair both = model.tokenizer().encodePair(texts.getKey(), texts.getValue());
            return new Row(both.ids(), both.typesFor(model.backbone().tokenTypes()), Row.Target.NONE);
        });
    }

    /**
     * From a text to its vector, as {@link TextEmbedder#embed} makes it with the prompt that is usual; longer texts than the model takes are cut.
     *
     * @throws IllegalArgumentException if the model has another head
     */
    public Translator<String, float[]> embedder() {
        TextEmbedder embedder = TextEmbedder.of(model.with(EmbeddingHead.class));
        return new TextTranslator<>(embedder::row, vector -> vector);
    }

    private <I> Translator<I, Classifications> classifier(TextTranslator.Encoder<I> encoder) {
        var classifier = new SequenceClassifier(model.with(SequenceHead.class));
        if (classifier.problemType() == SequenceClassification.ProblemType.REGRESSION) {
            throw new IllegalArgumentException("the outputs of this " + getName()
                    + " are values, expected those of classes: SequenceClassifier gives them");
        }
        List<String> names = classifier.model().head().labels().names();
        return new TextTranslator<>(encoder, outputs -> {
            List<Double> probabilities =
                    Arrays.stream(classifier.scores(outputs)).boxed().toList();
            return new Classifications(names, probabilities);
        });
    }

    @Override
    public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device device) {
        return new HeldPredictor<>(this, translator, device);
    }

    /** Sees one state of the model from the first token to the last output. */
    private static final class HeldPredictor<I, O> extends Predictor<I, O> {

        private final Model<?> held;

        private HeldPredictor(DjlModel model, Translator<I, O> translator, Device device) {
            super(model, translator, device, false);
            this.held = model.model;
        }

        @Override
        public List<O> batchPredict(List<I> inputs) throws TranslateException {
            try (Lease whole = held.leases().hold(null)) {
                return inputs.isEmpty() ? List.of() : super.batchPredict(inputs);
            } catch (IllegalStateException e) {
                throw new TranslateException(e);
            }
        }
    }

    // ---- what DJL asks of a model

    /** Token ids, mask and types of tokens, each [B, T]; the latter two may be left out. */
    @Override
    public PairList<String, Shape> describeInput() {
        Shape rows = new Shape(-1, -1);
        return new PairList<>(List.of("input_ids", "attention_mask", "token_type_ids"), List.of(rows, rows, rows));
    }

    @Override
    public PairList<String, Shape> describeOutput() {
        return new PairList<>(List.of("logits"), List.of(model.getOutputShapes(new Shape[] {new Shape(-1, -1)})));
    }

    /** Refused: the block is the model. */
    @Override
    public void setBlock(Block other) {
        throw new UnsupportedOperationException(IN_ANOTHER_WAY);
    }

    /** Refused: the model is there already. */
    @Override
    public void load(Path folder, String prefix, Map<String, ?> options) {
        throw new UnsupportedOperationException(IN_ANOTHER_WAY);
    }

    /** Refused: the model is there already. */
    @Override
    public void load(InputStream stream, Map<String, ?> options) {
        throw new UnsupportedOperationException(IN_ANOTHER_WAY);
    }

    /** Refused: DJL's format has no bfloat16 and no adapters. */
    @Override
    public void save(Path folder, String name) {
        throw new UnsupportedOperationException(IN_ANOTHER_WAY);
    }

    /** Refused: gradients are not where DJL looks for them. */
    @Override
    public Trainer newTrainer(TrainingConfig config) {
        throw new UnsupportedOperationException(IN_ANOTHER_WAY);
    }
}
