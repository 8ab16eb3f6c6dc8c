/** From a folder to the hub: {@code push}. */
@NullMarked
package io.github.peft4j.cli.internal.push;

import org.jspecify.annotations.NullMarked;
