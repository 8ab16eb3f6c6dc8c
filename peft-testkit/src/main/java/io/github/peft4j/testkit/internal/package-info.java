/** Fixtures of the real libraries, for the project's own tests. */
@NullMarked
package io.github.peft4j.testkit.internal;

import org.jspecify.annotations.NullMarked;
