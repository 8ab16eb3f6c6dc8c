/** The search for settings. Start with {@link io.github.peft4j.cli.internal.search.SearchCommand}. */
@NullMarked
package io.github.peft4j.cli.internal.search;

import org.jspecify.annotations.NullMarked;
