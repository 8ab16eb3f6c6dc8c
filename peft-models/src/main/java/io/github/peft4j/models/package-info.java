/**
 * Transformers: load a Hugging Face checkpoint, run it, take its loss, walk back through it.
 *
 * <p>Start with {@link io.github.peft4j.models.pretrained.Models} (loading), {@link io.github.peft4j.models.Model} (what a loaded model does)
 * and {@link io.github.peft4j.models.Anatomy} (what a model declares about itself). One sub-package per architecture.
 */
@NullMarked
package io.github.peft4j.models;

import org.jspecify.annotations.NullMarked;
