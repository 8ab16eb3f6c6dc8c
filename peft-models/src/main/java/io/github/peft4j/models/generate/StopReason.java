package io.github.peft4j.models.generate;

import java.util.Locale;

/** Why the continuation of a prompt ended. */
public enum StopReason {
    /** The last token is one that ends a text. */
    STOP,
    /** As many tokens were made as were asked for. */
    LENGTH;

    /** The name in reports: {@code stop} or {@code length}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
