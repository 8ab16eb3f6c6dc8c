package io.github.peft4j.models.internal.architecture.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.bert.BertConfig;
import io.github.peft4j.models.internal.bert.BertHeads;
import io.github.peft4j.models.internal.bert.BertLayout;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.List;
import java.util.regex.Pattern;

/** BERT checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_bert.py}. */
public final class BertFamily extends DecoderFamily<BertConfig> {

    private static final String BACKBONE = "bert";
    private static final String PREDICTIONS = "cls.predictions";

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHER_HEADS = Pattern.compile("((bert\\.)?pooler|cls|classifier|qa_outputs)\\..*");

    /** For the registry of architectures. */
    public BertFamily() {
        super(new Names("bert", "Bert", BACKBONE, BertLayout.WORDS), json -> BertConfig.of(json, "bert", 0));
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                MaskedHead.kind(
                        "BertForMaskedLM",
                        new MaskedHead.Layout(
                                PREDICTIONS + ".decoder",
                                PREDICTIONS,
                                source -> BertHeads.predictions(
                                        source, PREDICTIONS + ".transform.dense", PREDICTIONS + ".transform.LayerNorm"),
                                OTHER_HEADS)),
                SequenceHead.kind(
                        "BertForSequenceClassification",
                        BertHeads.ofRows(
                                "classifier", source -> BertHeads.pooler(source, BACKBONE, BACKBONE), OTHER_HEADS)),
                TokenHead.kind("BertForTokenClassification", "classifier", OTHER_HEADS),
                EmbeddingHead.kind("BertModel", source -> BertHeads.pooler(source, BACKBONE, ""), OTHER_HEADS));
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
