package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An architecture with RoBERTa's parts and heads: BERT with positions that begin behind that of padding. Saved with any head or none; follows
 * transformers' {@code modeling_roberta.py}.
 */
public abstract class RobertaLike extends DecoderFamily<BertConfig> {

    /** What names begin with in a checkpoint that has its head, of all these architectures. */
    private static final String BACKBONE = "roberta";

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHERS = Pattern.compile("((roberta\\.)?pooler|lm_head|classifier|qa_outputs)\\..*");

    private final String className;

    /**
     * An architecture of these names.
     *
     * @param modelType Hugging Face's {@code model_type}
     * @param className what the names of Hugging Face's classes begin with, for example {@code XLMRoberta}
     */
    protected RobertaLike(String modelType, String className) {
        super(
                new Names(modelType, className, BACKBONE, BertLayout.WORDS),
                json -> BertConfig.behindPadding(json, modelType, 1));
        this.className = className;
    }

    @Override
    public final List<Head.Kind<?>> heads() {
        return List.of(
                MaskedHead.kind(
                        className + "ForMaskedLM",
                        new MaskedHead.Layout(
                                "lm_head.decoder",
                                "lm_head",
                                source -> BertHeads.predictions(
                                        source, "lm_head.dense", ActivationFunction.GELU, "lm_head.layer_norm"),
                                OTHERS)),
                SequenceHead.kind(
                        className + "ForSequenceClassification",
                        BertHeads.ofRows(
                                "classifier.out_proj",
                                source -> BertHeads.dense(source, "classifier.dense", ActivationFunction.TANH),
                                OTHERS)),
                TokenHead.kind(className + "ForTokenClassification", "classifier", OTHERS),
                EmbeddingHead.kind(className + "Model", source -> BertHeads.pooler(source, BACKBONE, ""), OTHERS));
    }

    @Override
    protected final Decoder.Plan build(Decoder.Plan plan, BertConfig config, Weights weights) {
        return BertLayout.of(config).build(plan, weights);
    }

    @Override
    public final Pattern unusedTensors() {
        return BertLayout.NUMBERS;
    }
}
