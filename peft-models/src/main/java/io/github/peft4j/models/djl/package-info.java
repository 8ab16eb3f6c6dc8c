/**
 * Models inside of the Deep Java Library's own programs: a {@link io.github.peft4j.models.djl.DjlModel} is an {@link ai.djl.Model}, and has a
 * {@link ai.djl.translate.Translator} for what its head is for.
 */
@NullMarked
package io.github.peft4j.models.djl;

import org.jspecify.annotations.NullMarked;
