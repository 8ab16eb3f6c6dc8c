package io.github.peft4j.models.internal.architecture.roberta;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.bert.BertConfig;
import io.github.peft4j.models.internal.bert.BertLayout;
import io.github.peft4j.models.internal.bert.RobertaHeads;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.regex.Pattern;

/** RoBERTa checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_roberta.py}. */
public final class RobertaFamily extends DecoderFamily<BertConfig> {

    private static final String NAME = "roberta";
    private static final String CLASS = "Roberta";

    /** For the registry of architectures. */
    public RobertaFamily() {
        super(
                new Names(NAME, CLASS, RobertaHeads.BACKBONE, BertLayout.WORDS),
                json -> BertConfig.behindPadding(json, NAME, 1));
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return RobertaHeads.of(CLASS);
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
