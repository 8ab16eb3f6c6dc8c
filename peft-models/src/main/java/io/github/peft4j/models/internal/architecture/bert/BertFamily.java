package io.github.peft4j.models.internal.architecture.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.bert.BertConfig;
import io.github.peft4j.models.internal.bert.BertLayout;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import io.github.peft4j.models.tokens.internal.NoHead;
import java.util.List;
import java.util.regex.Pattern;

/** BERT checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_bert.py}. */
public final class BertFamily extends DecoderFamily<BertConfig> {

    private static final String BACKBONE = "bert";
    private static final String PREDICTIONS = "cls.predictions";

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHER_HEADS = Pattern.compile("((bert\\.)?pooler|cls|classifier|qa_outputs)\\..*");

    /** Old checkpoints hold the numbers of positions as a tensor. */
    private static final Pattern UNUSED = Pattern.compile("(bert\\.)?embeddings\\.position_ids");

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
                                source -> BertLayout.transform(
                                        source, PREDICTIONS + ".transform.dense", PREDICTIONS + ".transform.LayerNorm"),
                                OTHER_HEADS)),
                SequenceHead.kind(
                        "BertForSequenceClassification",
                        new SequenceHead.Layout(
                                "classifier",
                                true,
                                Pooling.FIRST,
                                source -> pooler(source, BACKBONE + "." + BertLayout.POOLER),
                                OTHER_HEADS)),
                TokenHead.kind("BertForTokenClassification", "classifier", OTHER_HEADS),
                NoHead.kind("BertModel", source -> pooler(source, BertLayout.POOLER), OTHER_HEADS));
    }

    private Transform pooler(Head.Kind.Source source, String path) {
        return BertLayout.pooler(source, tensors(source.root()), path);
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, BertConfig config, Weights weights) {
        return new BertLayout(config).build(plan, weights);
    }

    @Override
    public Pattern unusedTensors() {
        return UNUSED;
    }
}
