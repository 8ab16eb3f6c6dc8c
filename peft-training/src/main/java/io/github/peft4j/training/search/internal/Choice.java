package io.github.peft4j.training.search.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What one setting may be. */
public sealed interface Choice {

    /** All that a grid tries, in order. */
    List<String> all();

    /** One of what it may be. */
    String draw(SplittableRandom random);

    /** Whether it is a range in which equal ratios count alike. */
    default boolean logarithmic() {
        return false;
    }

    /**
     * Reads {@code A,B,C}, or {@code A|B|C} where values have commas in them, or a range {@code LOW:HIGH} or {@code LOW:HIGH:log}, which has whole numbers
     * only if both ends are written as such.
     *
     * @throws IllegalArgumentException if there is no value, or one comes twice, or the range is empty
     */
    static Choice of(String text) {
        Matcher range = Ranged.FORM.matcher(text.strip());
        if (range.matches()) {
            return Ranged.of(text, range.group(1), range.group(2), range.group(3) != null);
        }
        List<String> values = Arrays.stream(text.split(text.contains("|") ? "\\|" : ",", -1))
                .map(String::strip)
                .toList();
        Set<String> distinct = new LinkedHashSet<>(values);
        if (distinct.contains("") || distinct.size() < values.size()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" has " + (distinct.contains("") ? "an empty value" : "a value twice")
                            + ": expected values as 1,2,3, or 1|2|3 where they have commas in them, or a range as 1:100 or 1:100:log");
        }
        return new Listed(values);
    }

    /**
     * Some values.
     *
     * @param all each once
     */
    record Listed(List<String> all) implements Choice {

        /** Keeps a list of its own. */
        public Listed {
            all = List.copyOf(all);
        }

        @Override
        public String draw(SplittableRandom random) {
            return all.get(random.nextInt(all.size()));
        }
    }

    /**
     * Numbers between two, both included.
     *
     * @param whole whether only whole numbers
     * @param logarithmic whether equal ratios count alike, rather than equal distances
     */
    record Ranged(double low, double high, boolean whole, boolean logarithmic) implements Choice {

        private static final String NUMBER = "([-+]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?)";

        private static final Pattern FORM = Pattern.compile(NUMBER + ":" + NUMBER + "(:log)?");

        private static final Pattern WHOLE = Pattern.compile("[-+]?[0-9]{1,9}");

        /** Points of a range in a grid. */
        private static final int POINTS = 5;

        /** More digits tell nothing about a learning rate, and what is shown is what is tried. */
        private static final MathContext DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);

        private static Ranged of(String text, String from, String to, boolean logarithmic) {
            double low = Double.parseDouble(from);
            double high = Double.parseDouble(to);
            if (!(low < high) || !Double.isFinite(high - low) || (logarithmic && low <= 0)) {
                throw new IllegalArgumentException("the range \"" + text + "\" must go from a number to a greater one"
                        + (logarithmic ? ", both above 0" : ""));
            }
            boolean whole = WHOLE.matcher(from).matches() && WHOLE.matcher(to).matches();
            return new Ranged(low, high, whole, logarithmic);
        }

        @Override
        public List<String> all() {
            Set<String> points = new LinkedHashSet<>();
            for (int i = 0; i < POINTS; i++) {
                points.add(at((double) i / (POINTS - 1)));
            }
            return new ArrayList<>(points);
        }

        @Override
        public String draw(SplittableRandom random) {
            return at(random.nextDouble());
        }

        private String at(double share) {
            // StrictMath: equal seeds give equal settings on every processor.
            double value = logarithmic
                    ? StrictMath.exp(StrictMath.log(low) + share * (StrictMath.log(high) - StrictMath.log(low)))
                    : low + share * (high - low);
            if (whole) {
                return String.valueOf(Math.round(Math.min(high, Math.max(low, value))));
            }
            double rounded = new BigDecimal(value).round(DIGITS).doubleValue();
            return Double.toString(Math.min(high, Math.max(low, rounded)))
                    .toLowerCase(Locale.ROOT)
                    .replaceFirst("\\.0(?=e|$)", "");
        }
    }
}
