package io.github.peft4j.jinja.internal.value;

import java.util.List;

/**
 * What {@code items()}, {@code keys()} and {@code values()} of a map return.
 *
 * @param kind "dict_items", "dict_keys" or "dict_values"
 * @param items its elements
 */
public record DictView(String kind, List<Object> items) {}
