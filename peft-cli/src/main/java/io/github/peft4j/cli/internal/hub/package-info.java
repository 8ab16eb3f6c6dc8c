/** Commands about hubs and their caches: {@code download}, {@code cache}. */
@NullMarked
package io.github.peft4j.cli.internal.hub;

import org.jspecify.annotations.NullMarked;
