package io.github.peft4j.fuzz;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A kind of file that comes from outside.
 *
 * @param name of the format, which is part of a failure's name
 * @param samples good folders
 * @param mutators what makes bad files of good ones, by the files' names
 * @param target reads a folder as the library does
 * @param refusals the exceptions that are documented for a bad file
 */
record Format(
        String name,
        List<Sample> samples,
        Map<String, Mutator> mutators,
        Target target,
        Set<Class<? extends Exception>> refusals) {

    /** Cases in a row with one sample, so that its other files need not be written each time. */
    private static final int BLOCK = 20;

    /** Files are changed in the order of their names, whatever map they come in, so that a number always gives the same. */
    Format {
        mutators = new TreeMap<>(mutators);
    }

    /** Reads a folder. */
    @FunctionalInterface
    interface Target {
        void read(Path folder) throws Exception;
    }

    Sample sample(long number) {
        return samples.get((int) (number / BLOCK % samples.size()));
    }

    /** The changed files of a case, by name: the same for the same number, whatever came before. */
    Map<String, byte[]> changes(long number) {
        SplittableRandom random = new SplittableRandom(name.hashCode() * 1_000_003L + number);
        Map<String, byte[]> good = sample(number).files();
        Map<String, byte[]> changes = new TreeMap<>();
        mutators.forEach((file, mutator) -> {
            if (good.containsKey(file)) {
                changes.put(file, mutator.mutate(good.get(file), random));
            }
        });
        return changes;
    }

    /** All files of some name in samples. */
    static List<byte[]> contents(Collection<Sample> samples, String name) {
        return samples.stream()
                .filter(sample -> sample.files().containsKey(name))
                .map(sample -> sample.files().get(name))
                .toList();
    }
}
