package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A config with ranks: what methods share whose updates are products of thin matrices. */
public interface RankSettings extends PeftConfig {

    Setting<Map<String, Integer>> RANK_PATTERN = Setting.integersByText(
                    "rank_pattern",
                    "ranks of some layers, by regular expressions of ends of paths; the first that matches counts")
            .checked((ranks, problems) -> ranks.values().forEach(rank -> requirePositive(rank, problems)));
    Setting<Map<String, Number>> ALPHA_PATTERN =
            Setting.numbersByText("alpha_pattern", "values of alpha of some layers, likewise");

    /** A setting {@code r}. */
    static Setting<Integer> rank(int otherwise, String meaning) {
        return Setting.integer("r", otherwise, meaning).checked(RankSettings::requirePositive);
    }

    private static void requirePositive(int rank, Consumer<String> problems) {
        if (rank < 1) {
            problems.accept("`r` should be a positive integer value but the value passed is " + rank);
        }
    }

    /** Ranks of some layers, by regular expressions of ends of their paths. */
    default Map<String, Integer> rankPattern() {
        return values().get(RANK_PATTERN);
    }

    /** Values of \(\alpha\) of some layers, by regular expressions of ends of their paths. */
    default Map<String, Number> alphaPattern() {
        return values().get(ALPHA_PATTERN);
    }

    /** Builds a config with ranks. */
    interface Builder<B> extends Setting.Sink<B> {

        /** Ranks of some layers, by regular expressions of ends of their paths; the first that matches counts. */
        default B rankPattern(Map<String, Integer> ranks) {
            return set(RANK_PATTERN, ranks);
        }

        /** Values of \(\alpha\) of some layers, by regular expressions of ends of their paths; the first that matches counts. */
        default B alphaPattern(Map<String, ? extends Number> alphas) {
            return set(ALPHA_PATTERN, new LinkedHashMap<>(alphas));
        }
    }
}
