package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.List;
import java.util.regex.Pattern;

/** The heads of RoBERTa, which several architectures have: those of transformers' {@code modeling_roberta.py}. */
public final class RobertaHeads {

    /** What names begin with in a checkpoint that has its head, of all these architectures. */
    public static final String BACKBONE = "roberta";

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHERS = Pattern.compile("((roberta\\.)?pooler|lm_head|classifier|qa_outputs)\\..*");

    private RobertaHeads() {}

    /**
     * The heads.
     *
     * @param className what the names of Hugging Face's classes begin with, for example {@code XLMRoberta}
     */
    public static List<Head.Kind<?>> of(String className) {
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
}
