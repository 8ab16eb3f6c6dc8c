package io.github.peft4j.methods.golden;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.Map;
import java.util.Objects;

/** Hugging Face PEFT's methods on encoders under each of their heads: {@code tools/golden_encoder_methods.py} wrote the cases. */
class EncodersGoldenTest extends GoldenHeadsContract {

    private static final Map<String, Class<? extends Head>> HEADS = Map.of(
            "sequence", SequenceHead.class,
            "several", SequenceHead.class,
            "score", SequenceHead.class,
            "tokens", TokenHead.class,
            "masked", MaskedHead.class,
            "features", EmbeddingHead.class);

    EncodersGoldenTest() {
        super("encoders");
    }

    @Override
    protected String baseName(GoldenAdapter given) {
        int head = given.name().indexOf('-') + 1;
        return given.name().substring(0, given.name().indexOf('-', head));
    }

    @Override
    protected Class<? extends Head> head(GoldenAdapter given) {
        String base = baseName(given);
        return Objects.requireNonNull(HEADS.get(base.substring(base.indexOf('-') + 1)));
    }
}
