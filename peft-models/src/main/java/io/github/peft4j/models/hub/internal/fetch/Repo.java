package io.github.peft4j.models.hub.internal.fetch;

import java.util.Locale;

/**
 * A repository of a hub.
 *
 * @param kind what it holds
 * @param id {@code OWNER/NAME}, of a few old ones {@code NAME}
 */
public record Repo(Kind kind, String id) {

    /** What repositories hold. */
    public enum Kind {
        /** A model or an adapter. */
        MODEL,
        /** A data set. */
        DATASET;

        /** {@code model} or {@code dataset}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** {@code models} or {@code datasets}, as addresses and folders have it. */
        public String plural() {
            return word() + "s";
        }

        /** In a sentence. */
        public String phrase() {
            return this == MODEL ? "model" : "data set";
        }
    }

    /** Its folder in a cache: {@code models--OWNER--NAME}. */
    public String folderName() {
        return kind.plural() + "--" + dashed();
    }

    /** {@code OWNER--NAME}. */
    String dashed() {
        return id.replace("/", "--");
    }
}
