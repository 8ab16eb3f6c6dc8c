/** What files and values hold, whatever rows are made of them. */
@NullMarked
package io.github.peft4j.training.data.content.internal;

import org.jspecify.annotations.NullMarked;
