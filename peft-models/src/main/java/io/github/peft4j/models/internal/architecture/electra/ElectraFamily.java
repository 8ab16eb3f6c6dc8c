package io.github.peft4j.models.internal.architecture.electra;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.bert.BertConfig;
import io.github.peft4j.models.internal.bert.BertHeads;
import io.github.peft4j.models.internal.bert.BertLayout;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.List;
import java.util.regex.Pattern;

/** ELECTRA checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_electra.py}. */
public final class ElectraFamily extends DecoderFamily<BertConfig> {

    private static final String NAME = "electra";

    /** transformers' width of embeddings. */
    private static final int EMBEDDINGS = 128;

    /** What checkpoints have for heads other than the one that is loaded, pretraining's among them. */
    private static final Pattern OTHER_HEADS = Pattern.compile("(generator_predictions|generator_lm_head"
            + "|discriminator_predictions|sequence_summary|classifier|qa_outputs)\\..*");

    /** For the registry of architectures. */
    public ElectraFamily() {
        super(
                new Names(NAME, "Electra", NAME, BertLayout.WORDS),
                json -> BertConfig.ofEmbeddings(json, NAME, json.integerOr(EMBEDDINGS, "embedding_size"), 0));
    }

    /** None first: what the discriminator has for pretraining is no head of any use, and its checkpoints are the common ones. */
    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                EmbeddingHead.kind("ElectraModel", source -> null, OTHER_HEADS),
                MaskedHead.kind(
                        "ElectraForMaskedLM",
                        new MaskedHead.Layout(
                                "generator_lm_head",
                                null,
                                source -> BertHeads.predictions(
                                        source,
                                        "generator_predictions.dense",
                                        ActivationFunction.GELU,
                                        "generator_predictions.LayerNorm"),
                                OTHER_HEADS)),
                SequenceHead.kind(
                        "ElectraForSequenceClassification",
                        BertHeads.ofRows(
                                "classifier.out_proj",
                                source -> BertHeads.dense(source, "classifier.dense", ActivationFunction.GELU),
                                OTHER_HEADS)),
                TokenHead.kind("ElectraForTokenClassification", "classifier", OTHER_HEADS));
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, BertConfig config, Weights weights) {
        return BertLayout.of(config).build(plan, weights);
    }

    @Override
    public Pattern unusedTensors() {
        return BertLayout.NUMBERS;
    }
}
