package io.github.peft4j.cli.internal.generation;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.internal.TimedGenerator;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.training.internal.state.ProcessMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Continues prompts until they end or the command is to stop, and tells what it took. */
public final class Continuations {

    private final TimedGenerator generator;
    private final Interruption interruption;

    public Continuations(Generator generator, Interruption interruption) {
        this.generator = new TimedGenerator(generator);
        this.interruption = interruption;
    }

    /**
     * Continues prompts together.
     *
     * @throws BadInput if one cannot be read by the model; nothing has been generated then
     */
    public List<Generator.Generated> of(List<int[]> prompts, Generator.Listener listener) {
        return of(prompts, null, listener);
    }

    /** {@link #of(List, Generator.Listener)} with adapters that the prompts choose, or null for the active one. */
    public List<Generator.Generated> of(
            List<int[]> prompts, @Nullable RowSelection selection, Generator.Listener listener) {
        boolean[] begun = new boolean[1];
        try {
            return generator.generate(prompts, selection, (prompt, id) -> {
                interruption.check();
                begun[0] = true;
                listener.token(prompt, id);
            });
        } catch (IllegalArgumentException e) {
            if (begun[0]) {
                throw e;
            }
            throw new BadInput(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interruption.Stopped();
        }
    }

    public Fields summary() {
        return Fields.of("done", true)
                .and("first_token_s", generator.firstTokenSeconds())
                .and("tokens_per_s", generator.tokensPerSecond())
                .and("peak_rss_mib", ProcessMemory.peakMib());
    }
}
