/**
 * Tries settings and finds the best. Start with {@link io.github.peft4j.training.search.internal.Search}; it goes through a
 * {@link io.github.peft4j.training.search.internal.SearchSpace} and keeps a journal and a page. How one trial is trained says
 * {@link io.github.peft4j.training.search.internal.TrialRun}.
 */
@NullMarked
package io.github.peft4j.training.search.internal;

import org.jspecify.annotations.NullMarked;
