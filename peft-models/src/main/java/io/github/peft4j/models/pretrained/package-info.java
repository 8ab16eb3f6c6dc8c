/**
 * Checkpoint folders as Hugging Face lays them out: {@link io.github.peft4j.models.pretrained.Models} loads them,
 * {@link io.github.peft4j.models.pretrained.internal.PretrainedFolder} writes them.
 */
@NullMarked
package io.github.peft4j.models.pretrained;

import org.jspecify.annotations.NullMarked;
