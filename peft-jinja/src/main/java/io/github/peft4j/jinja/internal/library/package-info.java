/** What templates find ready: filters, tests, functions, and the methods of texts, lists and dicts. */
@NullMarked
package io.github.peft4j.jinja.internal.library;

import org.jspecify.annotations.NullMarked;
