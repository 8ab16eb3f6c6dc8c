/** A parsed template: expressions, which have a value, and statements, which write or set something. */
@NullMarked
package io.github.peft4j.jinja.internal.tree;

import org.jspecify.annotations.NullMarked;
