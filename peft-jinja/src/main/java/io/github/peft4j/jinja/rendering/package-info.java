/**
 * What goes into a rendering and what comes out: {@link io.github.peft4j.jinja.rendering.Rendering}, the work that renderings may take, the host's writer
 * of JSON, and the exception for all that can be wrong.
 */
@NullMarked
package io.github.peft4j.jinja.rendering;

import org.jspecify.annotations.NullMarked;
