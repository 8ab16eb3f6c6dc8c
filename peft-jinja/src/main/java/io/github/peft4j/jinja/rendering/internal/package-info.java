/** What a rendering may cost, and numbers as Python writes them. */
@NullMarked
package io.github.peft4j.jinja.rendering.internal;

import org.jspecify.annotations.NullMarked;
