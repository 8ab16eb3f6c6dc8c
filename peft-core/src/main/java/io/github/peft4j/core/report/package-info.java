/**
 * What a model says about its adapters. Start with {@link io.github.peft4j.core.report.ModelStatus}.
 */
@NullMarked
package io.github.peft4j.core.report;

import org.jspecify.annotations.NullMarked;
