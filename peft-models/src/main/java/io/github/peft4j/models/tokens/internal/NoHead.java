package io.github.peft4j.models.tokens.internal;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * No head: outputs are the hidden states of every token, as features for whatever one builds on them. The model is its backbone and has no
 * name around it, as Hugging Face's {@code AutoModel}.
 */
public final class NoHead extends Head {

    /** The task's name. */
    public static final String TASK = "embedding";

    private NoHead(@Nullable Transform unused, Origin origin) {
        super(unused, origin);
    }

    /**
     * A backbone alone; it reads checkpoints of the architecture with any head.
     *
     * @param className Hugging Face's class, for example {@code BertModel}
     * @param transform what stands in the backbone although no hidden state depends on it, as BERT's pooler, or null
     * @param unused full names of tensors that checkpoints may hold for heads
     */
    public static Kind<NoHead> kind(
            String className, Function<Kind.Source, @Nullable Transform> transform, Pattern unused) {
        String architecture = className.replaceFirst("Model$", "");
        return new Kind<>(NoHead.class, className, Kind.sameArchitecture(architecture), unused, source -> {
            Transform made = transform.apply(source);
            return new NoHead(made, new Origin(source.layers().paths(), Map.of()));
        });
    }

    @Override
    public String task() {
        return TASK;
    }

    /**
     * None.
     *
     * @throws IllegalArgumentException in any case
     */
    @Override
    public Objective objective() {
        throw new IllegalArgumentException(
                "a model without a head learns nothing by itself: name an objective, or load the"
                        + " checkpoint with a head");
    }

    /** Hidden states [M, Do] as they are. */
    @Override
    public Activation forward(Forward context, Activation hidden) {
        return context.reshape(hidden, hidden.array().getShape().getShape());
    }
}
