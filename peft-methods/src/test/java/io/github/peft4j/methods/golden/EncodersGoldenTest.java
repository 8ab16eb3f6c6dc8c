package io.github.peft4j.methods.golden;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hugging Face PEFT's methods on encoders under each of their heads: {@code tools/golden_encoder_methods.py} wrote the cases. */
class EncodersGoldenTest extends GoldenHeadsContract {

    private static final Map<String, Class<? extends Head>> HEADS = Map.of(
            "sequence", SequenceHead.class,
            "several", SequenceHead.class,
            "score", SequenceHead.class,
            "tokens", TokenHead.class,
            "masked", MaskedHead.class,
            "features", EmbeddingHead.class);

    /** Architecture, head and method. */
    private static final Pattern NAME = Pattern.compile("(.+?)-(" + String.join("|", HEADS.keySet()) + ")-.+");

    EncodersGoldenTest() {
        super("encoders");
    }

    @Override
    protected String baseName(GoldenAdapter given) {
        Matcher name = matched(given);
        return name.group(1) + "-" + name.group(2);
    }

    @Override
    protected Class<? extends Head> head(GoldenAdapter given) {
        return Objects.requireNonNull(HEADS.get(matched(given).group(2)));
    }

    private static Matcher matched(GoldenAdapter given) {
        Matcher name = NAME.matcher(given.name());
        if (!name.matches()) {
            throw new AssertionError(given.name());
        }
        return name;
    }
}
