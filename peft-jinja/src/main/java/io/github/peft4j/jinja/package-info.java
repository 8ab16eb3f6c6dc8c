/**
 * Jinja as chat templates use it: what Jinja2 3.1 renders in the sandbox of Hugging Face's transformers, character for character.
 *
 * <p>Start with {@link io.github.peft4j.jinja.JinjaTemplate}. A template comes with a downloaded checkpoint and is hostile input, so this is an
 * interpreter over a closed set of values: it has no reflection, no files, no classes to reach, and its work, memory, output and depth are bounded
 * ({@link io.github.peft4j.jinja.internal.rendering.Work}). It stands alone: no other module of the project is used, and no library.
 *
 * <p>Rooms, each built on those before it: {@code internal.rendering} is what goes into a rendering and comes out of it; {@code internal.run} keeps the budget;
 * {@code internal.value} has the values and what Python means by them; {@code internal.library} filters, tests, methods and functions;
 * {@code internal.tree} the parsed template; {@code internal.parse} makes it of text. What is {@code internal} may change at any time.
 *
 * <p>Not here, and refused by name when used: {@code include}, {@code block}, escaping, {@code str.format}, filters for web pages.
 */
@NullMarked
package io.github.peft4j.jinja;

import org.jspecify.annotations.NullMarked;
