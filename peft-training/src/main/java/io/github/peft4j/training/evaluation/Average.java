package io.github.peft4j.training.evaluation;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How one number is made of what several classes, labels or types of entities have; scikit-learn's {@code average}. */
enum Average {

    /** The mean over the classes that occur, or over all labels; not a number if there are none. */
    MACRO {
        @Override
        double of(Confusion counts, ToDoubleFunction<Confusion.Counts> number) {
            return counts.all().stream().mapToDouble(number).average().orElse(Double.NaN);
        }
    },

    /** Of all counts together. */
    MICRO {
        @Override
        double of(Confusion counts, ToDoubleFunction<Confusion.Counts> number) {
            return number.applyAsDouble(counts.sum());
        }
    },

    /** The mean, each class as heavy as the rows that are of it; 0 if there are none. */
    WEIGHTED {
        @Override
        double of(Confusion counts, ToDoubleFunction<Confusion.Counts> number) {
            List<Confusion.Counts> all = counts.all();
            double sum = all.stream()
                    .mapToDouble(one -> one.expected() * number.applyAsDouble(one))
                    .sum();
            return sum / Math.max(1, counts.sum().expected());
        }
    };

    abstract double of(Confusion counts, ToDoubleFunction<Confusion.Counts> number);

    /** A metric's key with this average. */
    String key(String metric) {
        return metric + "_" + name().toLowerCase(Locale.ROOT);
    }
}
