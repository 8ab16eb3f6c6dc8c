package io.github.peft4j.fuzz;

import java.util.SplittableRandom;

/** Changes a good file into one that may be bad; equal random numbers give equal bytes. */
@FunctionalInterface
interface Mutator {

    /** A changed copy. */
    byte[] mutate(byte[] sample, SplittableRandom random);

    /** How many changes to make: few more often than many, since much of what is behind a first error is never read. */
    static int changes(int most, SplittableRandom random) {
        return random.nextInt(1, random.nextInt(2, most + 2));
    }

    /** This one most of the time, and now and then another. */
    default Mutator or(Mutator other, double share) {
        return (sample, random) -> random.nextDouble() < share ? other.mutate(sample, random) : mutate(sample, random);
    }

    /** This one now and then, and otherwise the good file. */
    default Mutator in(double share) {
        return or((sample, random) -> sample, 1 - share);
    }
}
