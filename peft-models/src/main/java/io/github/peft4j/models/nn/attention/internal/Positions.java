package io.github.peft4j.models.nn.attention.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.TokenScript;
import org.jspecify.annotations.Nullable;

/** How an attention tells the places of its row apart: by turning queries and keys, by a bias on their scores, or not at all. */
public interface Positions {

    /** Queries meet keys the same wherever they stand; what is told of places comes from elsewhere, or from what is hidden. */
    Positions NONE = new Positions() {};

    /**
     * Queries or keys as they meet each other.
     *
     * @param x [N, H, Dh]; stays the caller's
     * @return x itself where places change nothing, or other values [N, H, Dh], which the caller closes
     */
    default Activation place(Forward context, Activation x, Attention.Geometry geometry) {
        return x;
    }

    /**
     * Writes the same for one new token of each row.
     *
     * @return the names of queries and keys
     */
    default String[] write(TokenScript script, String query, String key, Attention.Geometry geometry) {
        return new String[] {query, key};
    }

    /** For each head how much scores fall with distance, ALiBi's slopes, or null if they do not. */
    default float @Nullable [] slopes() {
        return null;
    }

    /**
     * The length up to which what a row begins with is placed the same whatever follows. Rows of which one is longer cannot have their
     * beginning computed once for all of them.
     */
    default int alikeUpTo() {
        return Integer.MAX_VALUE;
    }
}
