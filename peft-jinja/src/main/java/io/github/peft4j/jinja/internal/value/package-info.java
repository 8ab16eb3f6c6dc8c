/**
 * The closed set of values, and what Python means by them: {@link java.lang.String}, {@link java.lang.Long}, {@link java.lang.Double},
 * {@link java.lang.Boolean}, {@code None}, {@link java.util.List}, {@code Tuple}, {@link java.util.Map} (in insertion order), and a few that only
 * templates make ({@code Undefined}, {@code Namespace}, {@code DictView}, {@code OneShot}, {@code Callable}).
 */
@NullMarked
package io.github.peft4j.jinja.internal.value;

import org.jspecify.annotations.NullMarked;
