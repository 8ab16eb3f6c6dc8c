/**
 * Python's regular expressions in Java's, and names that look alike. Start with {@link io.github.peft4j.core.internal.pattern.PythonPattern}.
 */
@NullMarked
package io.github.peft4j.core.internal.pattern;

import org.jspecify.annotations.NullMarked;
