package io.github.peft4j.cli;

import io.github.peft4j.models.generate.Generated;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.TokenListener;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.training.ProcessMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Continues prompts and keeps the time. */
final class Continuations {

    private static final double NANOSECONDS = 1e9;

    private final Generator generator;
    private final Interruption interruption;
    private double firstToken = -1;
    private double afterFirst;
    private long laterTokens;
    private double all;
    private long tokens;

    Continuations(Generator generator, Interruption interruption) {
        this.generator = generator;
        this.interruption = interruption;
    }

    /**
     * Continues prompts together.
     *
     * @throws BadInput if one cannot be read by the model; nothing has been generated then
     */
    List<Generated> of(List<int[]> prompts, TokenListener listener) {
        return of(prompts, null, listener);
    }

    /** {@link #of(List, TokenListener)} with adapters that the prompts choose, or null for the active one. */
    List<Generated> of(List<int[]> prompts, @Nullable RowSelection selection, TokenListener listener) {
        long start = System.nanoTime();
        long[] first = new long[1];
        try {
            List<Generated> made = generator.generate(prompts, selection, (prompt, id) -> {
                interruption.check();
                if (first[0] == 0) {
                    first[0] = System.nanoTime();
                }
                listener.token(prompt, id);
            });
            note(start, first[0], made);
            return made;
        } catch (IllegalArgumentException e) {
            if (first[0] != 0) {
                throw e;
            }
            throw new BadInput(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interruption.Stopped();
        }
    }

    private void note(long start, long first, List<Generated> made) {
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

    /**
     * What it took: {@code tokens_per_s} is that of the tokens after each prompt's first, or of all if there are no others.
     */
    Fields summary() {
        double speed = laterTokens > 0 ? laterTokens / afterFirst : tokens / Math.max(all, 1 / NANOSECONDS);
        return Fields.of("done", true)
                .and("first_token_s", Math.max(0, firstToken))
                .and("tokens_per_s", speed)
                .and("peak_rss_mib", ProcessMemory.peakMib());
    }
}
