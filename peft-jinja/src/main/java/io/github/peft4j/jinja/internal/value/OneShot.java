package io.github.peft4j.jinja.internal.value;

import java.util.Iterator;

/**
 * A Python generator, as {@code map}, {@code select} and their like return: true, without a length, and empty once it was walked
 * through. Templates that forget that break in Python too, and must here.
 *
 * @param items what is left
 */
public record OneShot(Iterator<Object> items) {}
