package io.github.peft4j.training.search.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * What settings may be, by their names. Immutable.
 *
 * <pre>{@code
 * SearchSpace space = SearchSpace.EMPTY.over("learning_rate", "1e-5:1e-3:log").over("r", "4,8,16");
 * }</pre>
 */
public final class SearchSpace {

    /** A space of no setting. */
    public static final SearchSpace EMPTY = new SearchSpace(Map.of(), Map.of(), settings -> settings);

    /** What a grid may come to: more is a slip of the hand, and would take years. */
    private static final int LARGEST_GRID = 10_000;

    /** Draws that are all known already, after which there is nothing new to be expected. */
    private static final int IN_VAIN = 1000;

    private final Map<String, Choice> choices;
    private final Map<String, String> texts;
    private final UnaryOperator<Map<String, String>> applicable;

    private SearchSpace(
            Map<String, Choice> choices, Map<String, String> texts, UnaryOperator<Map<String, String>> applicable) {
        this.choices = choices;
        this.texts = texts;
        this.applicable = applicable;
    }

    /**
     * This space, and one more setting.
     *
     * @param values {@code A,B,C}, or {@code A|B|C} where values have commas in them; or a range {@code LOW:HIGH}, or {@code LOW:HIGH:log} in which equal
     *     ratios count alike. A range has whole numbers if both ends are written as such; a grid takes five points of it
     * @throws IllegalArgumentException if the values cannot be read, or the name is taken
     */
    public SearchSpace over(String name, String values) {
        if (choices.containsKey(name)) {
            throw new IllegalArgumentException("the setting " + name + " is searched over twice");
        }
        Map<String, Choice> more = new LinkedHashMap<>(choices);
        Map<String, String> told = new LinkedHashMap<>(texts);
        try {
            more.put(name, Choice.of(values));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
        told.put(name, values);
        return new SearchSpace(more, told, applicable);
    }

    /**
     * This space, in which not every setting goes with every other: what is left of chosen settings is tried, and the same only once.
     *
     * @param rule removes from settings what has no meaning beside the others
     */
    public SearchSpace keeping(UnaryOperator<Map<String, String>> rule) {
        return new SearchSpace(choices, texts, rule);
    }

    /** The settings' names and what they may be, as they were told. */
    public Map<String, String> texts() {
        return Collections.unmodifiableMap(texts);
    }

    /** What a setting may be, all that a grid tries of it. */
    public List<String> values(String name) {
        Choice choice = choices.get(name);
        return choice == null ? List.of() : choice.all();
    }

    boolean logarithmic(String name) {
        Choice choice = choices.get(name);
        return choice != null && choice.logarithmic();
    }

    /** Every way to choose, the last setting changing fastest. */
    List<Map<String, String>> grid() {
        long size = 1;
        for (Choice choice : choices.values()) {
            size *= choice.all().size();
            if (size > LARGEST_GRID) {
                throw new IllegalArgumentException("a grid over " + texts + " has more than " + LARGEST_GRID
                        + " trials: take fewer values, or draw some of them at random");
            }
        }
        List<Map<String, String>> all = List.of(Map.of());
        for (Map.Entry<String, Choice> each : choices.entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> begun : all) {
                for (String value : each.getValue().all()) {
                    Map<String, String> settings = new LinkedHashMap<>(begun);
                    settings.put(each.getKey(), value);
                    longer.add(settings);
                }
            }
            all = longer;
        }
        Set<Map<String, String>> distinct = new LinkedHashSet<>();
        all.forEach(settings -> distinct.add(kept(settings)));
        return List.copyOf(distinct);
    }

    /** Some ways to choose, no two alike; fewer if there are no more. */
    List<Map<String, String>> draw(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Set<Map<String, String>> distinct = new LinkedHashSet<>();
        for (int inVain = 0; distinct.size() < count && inVain < IN_VAIN; ) {
            Map<String, String> settings = new LinkedHashMap<>();
            choices.forEach((name, choice) -> settings.put(name, choice.draw(random)));
            inVain = distinct.add(kept(settings)) ? 0 : inVain + 1;
        }
        return List.copyOf(distinct);
    }

    private Map<String, String> kept(Map<String, String> settings) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(applicable.apply(new LinkedHashMap<>(settings))));
    }
}
