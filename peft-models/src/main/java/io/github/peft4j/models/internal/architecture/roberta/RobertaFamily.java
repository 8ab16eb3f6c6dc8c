package io.github.peft4j.models.internal.architecture.roberta;

import io.github.peft4j.models.internal.bert.RobertaLike;

/** RoBERTa; follows Hugging Face's {@code modeling_roberta.py}. */
public final class RobertaFamily extends RobertaLike {

    /** For the registry of architectures. */
    public RobertaFamily() {
        super("roberta", "Roberta");
    }
}
