/**
 * What stands in the place of a layer of a model's own. Start with {@link io.github.peft4j.core.internal.wrap.Substitute}.
 */
@NullMarked
package io.github.peft4j.core.internal.wrap;

import org.jspecify.annotations.NullMarked;
