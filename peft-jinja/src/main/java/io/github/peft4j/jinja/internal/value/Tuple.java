package io.github.peft4j.jinja.internal.value;

import java.util.List;

/**
 * A Python tuple.
 *
 * @param items its elements, not to be changed
 */
public record Tuple(List<Object> items) {}
