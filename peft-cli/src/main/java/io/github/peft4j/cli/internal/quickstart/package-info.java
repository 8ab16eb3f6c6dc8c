/** The main job on what is embedded: data, a small checkpoint, and the score before and after. */
@NullMarked
package io.github.peft4j.cli.internal.quickstart;

import org.jspecify.annotations.NullMarked;
