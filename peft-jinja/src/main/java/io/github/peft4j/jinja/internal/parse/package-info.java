/** From the text of a template to its tree. */
@NullMarked
package io.github.peft4j.jinja.internal.parse;

import org.jspecify.annotations.NullMarked;
