/**
 * What goes into a rendering and what comes out: {@link io.github.peft4j.jinja.internal.rendering.Rendering}, the work that renderings may take, numbers
 * as Python writes them, the host's writer of JSON, and the exception for all that can be wrong.
 */
@NullMarked
package io.github.peft4j.jinja.internal.rendering;

import org.jspecify.annotations.NullMarked;
