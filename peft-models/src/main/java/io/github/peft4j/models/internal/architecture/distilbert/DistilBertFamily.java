package io.github.peft4j.models.internal.architecture.distilbert;

import io.github.peft4j.models.ConfigJson;
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

/** DistilBERT checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_distilbert.py}. */
public final class DistilBertFamily extends DecoderFamily<BertConfig> {

    private static final String NAME = "distilbert";

    private static final BertLayout.Names LAYERS = new BertLayout.Names(
            "transformer.layer",
            "q_lin",
            "k_lin",
            "v_lin",
            "out_lin",
            "sa_layer_norm",
            "ffn.lin1",
            "ffn.lin2",
            "output_layer_norm");

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHER_HEADS = Pattern.compile(
            "(vocab_transform|vocab_layer_norm|vocab_projector|pre_classifier|classifier|qa_outputs)\\..*");

    /** For the registry of architectures. */
    public DistilBertFamily() {
        super(new Names(NAME, "DistilBert", NAME, BertLayout.WORDS), DistilBertFamily::sizes);
    }

    /** Its keys have names of their own, beside which transformers takes the usual ones, and first. */
    private static BertConfig sizes(ConfigJson json) {
        int width = json.integer("hidden_size", "dim");
        return new BertConfig(
                NAME,
                json.integer("vocab_size"),
                width,
                width,
                json.integer("hidden_dim"),
                json.integer("num_hidden_layers", "n_layers"),
                json.integer("num_attention_heads", "n_heads"),
                0,
                json.integerOr(BertConfig.DEFAULT_POSITIONS, "max_position_embeddings"),
                0,
                BertConfig.DEFAULT_EPSILON,
                ActivationFunction.of(json.textOr("gelu", "activation")),
                BertConfig.padding(json, 0),
                json.flagOr(true, "tie_word_embeddings"));
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                MaskedHead.kind(
                        "DistilBertForMaskedLM",
                        new MaskedHead.Layout(
                                "vocab_projector",
                                null,
                                source -> BertHeads.predictions(source, "vocab_transform", "vocab_layer_norm"),
                                OTHER_HEADS)),
                SequenceHead.kind(
                        "DistilBertForSequenceClassification",
                        BertHeads.ofRows(
                                "classifier",
                                source -> BertHeads.dense(source, "pre_classifier", ActivationFunction.RELU),
                                OTHER_HEADS)),
                TokenHead.kind("DistilBertForTokenClassification", "classifier", OTHER_HEADS),
                EmbeddingHead.kind("DistilBertModel", source -> null, OTHER_HEADS));
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, BertConfig config, Weights weights) {
        return new BertLayout(config, LAYERS).build(plan.withoutPast(), weights);
    }

    @Override
    public Pattern unusedTensors() {
        return BertLayout.NUMBERS;
    }
}
