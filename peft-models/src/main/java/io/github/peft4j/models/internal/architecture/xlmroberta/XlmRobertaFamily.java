package io.github.peft4j.models.internal.architecture.xlmroberta;

import io.github.peft4j.models.internal.bert.RobertaLike;

/** XLM-R; follows Hugging Face's {@code modeling_xlm_roberta.py}. */
public final class XlmRobertaFamily extends RobertaLike {

    /** For the registry of architectures. */
    public XlmRobertaFamily() {
        super("xlm-roberta", "XLMRoberta");
    }
}
