package io.github.peft4j.jinja.internal.value;

/**
 * A text after the filter {@code safe}. Nothing is escaped here, but Python escapes for HTML what is added to such a text, so it
 * can be printed, joined, compared and written as JSON, and everything else is refused.
 *
 * @param text the text
 */
public record Markup(String text) {}
