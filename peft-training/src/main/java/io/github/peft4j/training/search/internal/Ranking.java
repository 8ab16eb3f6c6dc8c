package io.github.peft4j.training.search.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * Which trials are better.
 *
 * @param lessIsBetter whether lower values are
 */
public record Ranking(boolean lessIsBetter) {

    /** The best of those that have a value, the best first; of equal ones that which has the lower number. */
    public List<Search.Tried> best(List<Search.Tried> tried, int count) {
        Comparator<Search.Tried> byValue = Comparator.comparing(one -> Objects.requireNonNull(one.value()));
        return tried.stream()
                .filter(one -> one.value() != null)
                .sorted((lessIsBetter ? byValue : byValue.reversed()).thenComparing(Search.Tried::number))
                .limit(count)
                .toList();
    }
}
