package io.github.peft4j.models.generate.internal;

import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.nn.RowSelection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A generator that keeps the time, over all that it is asked for. Not safe for concurrent use. */
public final class TimedGenerator {

    private static final double NANOSECONDS = 1e9;

    private final Generator generator;
    private double firstToken = -1;
    private double afterFirst;
    private long laterTokens;
    private double all;
    private long tokens;

    /** Keeps the time of a generator. */
    public TimedGenerator(Generator generator) {
        this.generator = generator;
    }

    /** As {@link Generator#generate(List, RowSelection, Generator.Listener)}; what fails is not counted. */
    public List<Generator.Generated> generate(
            List<int[]> prompts, @Nullable RowSelection selection, Generator.Listener listener)
            throws InterruptedException {
        long start = System.nanoTime();
        long[] first = new long[1];
        List<Generator.Generated> made = generator.generate(prompts, selection, (prompt, id) -> {
            if (first[0] == 0) {
                first[0] = System.nanoTime();
            }
            listener.token(prompt, id);
        });
        note(start, first[0], made);
        return made;
    }

    private void note(long start, long first, List<Generator.Generated> made) {
        long end = System.nanoTime();
        if (firstToken < 0) {
            firstToken = (first - start) / NANOSECONDS;
        }
        long count = made.stream().mapToLong(one -> one.ids().length).sum();
        tokens += count;
        all += (end - start) / NANOSECONDS;
        laterTokens += count - made.size();
        afterFirst += (end - first) / NANOSECONDS;
    }

    /** Seconds until the very first token was there; 0 before it is. */
    public double firstTokenSeconds() {
        return Math.max(0, firstToken);
    }

    /** Speed of the tokens after each prompt's first, or of all if there are no others. */
    public double tokensPerSecond() {
        return laterTokens > 0 ? laterTokens / afterFirst : tokens / Math.max(all, 1 / NANOSECONDS);
    }
}
