/**
 * Jinja as chat templates use it: what Jinja2 3.1 renders in the sandbox of Hugging Face's transformers, character for character.
 *
 * <p>Start with {@link io.github.peft4j.models.text.jinja.JinjaTemplate}. A template comes with a downloaded checkpoint and is hostile
 * input, so this is an interpreter over a closed set of values: it has no reflection, no files, no classes to reach, and a
 * {@code Budget} bounds its work, its memory, its output and its depth.
 *
 * <p>Values: {@link java.lang.String}, {@link java.lang.Long}, {@link java.lang.Double}, {@link java.lang.Boolean}, {@code None},
 * {@link java.util.List}, {@code Tuple}, {@link java.util.Map} (in insertion order), and a few that only templates make ({@code Undefined},
 * {@code Namespace}, {@code DictView}, {@code OneShot}, {@code Callable}). They mean what Python means by them. What is not there
 * ({@code include}, {@code block}, escaping, {@code str.format}, filters for web pages) is refused by name when it is used.
 */
@NullMarked
package io.github.peft4j.models.text.jinja;

import org.jspecify.annotations.NullMarked;
