/** How fast single kernels are, measured with JMH. */
@NullMarked
package io.github.peft4j.benchmarks;

import org.jspecify.annotations.NullMarked;
