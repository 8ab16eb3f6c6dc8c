/** One rendering: what it may spend and what it has written. */
@NullMarked
package io.github.peft4j.jinja.internal.run;

import org.jspecify.annotations.NullMarked;
