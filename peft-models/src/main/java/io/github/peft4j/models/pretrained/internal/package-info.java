/**
 * From a checkpoint's folder to an architecture of some sizes. Start with
 * {@link io.github.peft4j.models.pretrained.internal.Architecture}.
 */
@NullMarked
package io.github.peft4j.models.pretrained.internal;

import org.jspecify.annotations.NullMarked;
