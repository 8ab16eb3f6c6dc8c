/**
 * Small programs to copy from, one per thing to learn.
 */
@NullMarked
package io.github.peft4j.examples;

import org.jspecify.annotations.NullMarked;
