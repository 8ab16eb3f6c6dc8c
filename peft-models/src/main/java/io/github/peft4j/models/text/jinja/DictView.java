package io.github.peft4j.models.text.jinja;

import java.util.List;

/**
 * What {@code items()}, {@code keys()} and {@code values()} of a map return.
 *
 * @param kind "dict_items", "dict_keys" or "dict_values"
 * @param items its elements
 */
record DictView(String kind, List<Object> items) {}
