package io.github.peft4j.models.llama;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.Function;
import java.util.regex.Pattern;

/** An architecture whose config has Llama's keys and whose parts have Llama's names; it says what it does in another way. */
public abstract class LlamaLike extends DecoderFamily<LlamaConfig> {

    /** Tensors of old checkpoints that hold nothing but what the config says. */
    private static final Pattern UNUSED = Pattern.compile("(.*\\.)?rotary_emb\\.(inv_freq|(cos|sin)_cached)");

    /**
     * An architecture of these names whose config is read as Llama's.
     *
     * @param modelType Hugging Face's {@code model_type}
     * @param className what the names of Hugging Face's classes begin with, for example {@code Llama}
     */
    protected LlamaLike(String modelType, String className) {
        this(modelType, className, LlamaVariant::new);
    }

    /**
     * An architecture of these names.
     *
     * @param modelType Hugging Face's {@code model_type}
     * @param className what the names of Hugging Face's classes begin with, for example {@code Llama}
     * @param variant says which defaults and options its config has other than Llama's, and refuses what is not implemented
     */
    protected LlamaLike(String modelType, String className, Function<ConfigJson, LlamaVariant> variant) {
        super(
                new Names(modelType, className, "model", "embed_tokens"),
                json -> variant.apply(json).read(modelType));
    }

    /**
     * What is built, and in which way it differs from Llama.
     *
     * @param weights of the checkpoint, for what follows from their format
     */
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config);
    }

    @Override
    protected final Decoder.Plan build(Decoder.Plan plan, LlamaConfig config, Weights weights) {
        return layout(config, weights).build(plan, weights);
    }

    @Override
    public final Pattern unusedTensors() {
        return UNUSED;
    }
}
