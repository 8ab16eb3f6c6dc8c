package io.github.peft4j.jinja.internal.rendering;

import java.util.List;

/**
 * What a template made.
 *
 * @param text the output
 * @param generated which parts of it stand in {@code {% generation %}} blocks, in order
 * @param everySpanKnown false if some such block wrote into a macro or a {@code set}, so that its place in the text is unknown
 */
public record Rendering(String text, List<Span> generated, boolean everySpanKnown) {

    /**
     * A part of a text.
     *
     * @param start the position of its first character, in UTF-16 units
     * @param end the position after its last character
     */
    public record Span(int start, int end) {}
}
