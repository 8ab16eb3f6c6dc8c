/**
 * Adapter folders on disk, as Hugging Face PEFT lays them out: config, weights and model card. Start with
 * {@link io.github.peft4j.core.store.AdapterStore}.
 */
@NullMarked
package io.github.peft4j.core.store;

import org.jspecify.annotations.NullMarked;
