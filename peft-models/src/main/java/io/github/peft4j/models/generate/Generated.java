package io.github.peft4j.models.generate;

import java.util.Locale;

/**
 * The continuation of one prompt.
 *
 * @param ids the new tokens; where the reason is {@link Reason#STOP}, the last of them is the one that ended the text
 * @param reason why there are no more
 */
public record Generated(int[] ids, Reason reason) {

    /** Why the continuation of a prompt ended. */
    public enum Reason {
        /** The last token is one that ends a text. */
        STOP,
        /** As many tokens were made as were asked for. */
        LENGTH;

        /** The name in reports: {@code stop} or {@code length}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
