/** What peft-core is built on and nobody else should use: text, patterns and JSON, without any knowledge of adapters. */
@NullMarked
package io.github.peft4j.core.internal;

import org.jspecify.annotations.NullMarked;
