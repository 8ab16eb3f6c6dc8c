/** Models, adapters and tokenizers that were named, loaded and said. */
@NullMarked
package io.github.peft4j.cli.internal.loading;

import org.jspecify.annotations.NullMarked;
