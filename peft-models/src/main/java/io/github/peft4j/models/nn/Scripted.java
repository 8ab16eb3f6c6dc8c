package io.github.peft4j.models.nn;

import io.github.peft4j.models.nn.internal.KeyValueCache;

/**
 * A module that can also say in script what its {@code forward} does to one new token of each row, when nothing is recorded.
 *
 * <p>A module of such modules, all the way down, runs as a single call while tokens are generated; one module below that is not of this
 * kind, and those above it run {@code forward}, while the rest still run as calls of their own. The weights that a script reads are
 * taken when a text is begun: whoever changes a model starts a new {@link KeyValueCache}, which it must do anyway.
 */
public interface Scripted {

    /**
     * Writes what the module does.
     *
     * @param script where lines go, and weights get their names
     * @param x the name of the input [B, ...], which must not be changed in place
     * @return the name of the output
     */
    String write(TokenScript script, String x);
}
