package io.github.peft4j.models.text.jinja;

import java.util.List;

/**
 * A Python tuple.
 *
 * @param items its elements, not to be changed
 */
record Tuple(List<Object> items) {}
