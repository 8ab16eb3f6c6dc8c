/**
 * What reports are made of: curves, pictures as SVG, and pages as HTML. Start with {@link io.github.peft4j.training.report.internal.RunPage}.
 */
@NullMarked
package io.github.peft4j.training.report.internal;

import org.jspecify.annotations.NullMarked;
