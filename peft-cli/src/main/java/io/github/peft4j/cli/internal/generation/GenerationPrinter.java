package io.github.peft4j.cli.internal.generation;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.internal.message.Printable;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Prints what was generated: JSON per prompt, or the texts, piece by piece if wanted. A text is shown as it is, but for characters that would steer a
 * terminal; JSON has it exactly.
 */
public final class GenerationPrinter {

    private final Console console;
    private final boolean json;
    private final boolean streams;
    private boolean streamed;

    /**
     * A printer.
     *
     * @param streams whether pieces are shown as they come; never as JSON
     */
    public GenerationPrinter(Session session, boolean streams) {
        this.console = session.console();
        this.json = session.json();
        this.streams = streams && !json;
    }

    /** Whether pieces are shown as they come. */
    public boolean streams() {
        return streams;
    }

    /** Shows a piece of text, if pieces are shown. */
    public void piece(String text) {
        if (streams && !text.isEmpty()) {
            streamed = true;
            console.out().print(Printable.text(text));
            console.out().flush();
        }
    }

    /** Shows a continuation, or the end of one whose pieces were shown. */
    public void end(Generator.Generated made, @Nullable String text) {
        if (json) {
            console.out()
                    .println(Fields.of("ids", made.ids())
                            .and("text", text)
                            .and("finish", made.reason().text())
                            .json());
        } else if (streamed) {
            console.out().println();
        } else {
            console.out().println(text == null ? ids(made) : Printable.text(text));
        }
        streamed = false;
        console.out().flush();
    }

    private static String ids(Generator.Generated made) {
        return Arrays.stream(made.ids()).mapToObj(Integer::toString).collect(Collectors.joining(","));
    }
}
