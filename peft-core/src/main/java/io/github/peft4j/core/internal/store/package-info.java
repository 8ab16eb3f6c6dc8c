/**
 * Adapter folders and merged checkpoints on disk. Start with {@link io.github.peft4j.core.internal.store.AdapterStore}.
 */
@NullMarked
package io.github.peft4j.core.internal.store;

import org.jspecify.annotations.NullMarked;
