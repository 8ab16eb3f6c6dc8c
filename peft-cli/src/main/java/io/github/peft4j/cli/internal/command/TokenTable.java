package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.Tokenizer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The tokens of a text: a JSON object for each, or a table. */
final class TokenTable {

    private final Session session;

    TokenTable(Session session) {
        this.session = session;
    }

    /** Prints what a checkpoint's tokenizer makes of a text. */
    void print(Path folder, String text) throws CheckpointException {
        List<Tokenizer.Token> tokens;
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            tokens = tokenizer.tokens(text);
        }
        PrintStream out = session.console().out();
        boolean json = session.json();
        if (!json) {
            out.printf(Locale.ROOT, "%8s  %-7s  %s%n", "id", "", "piece");
        }
        for (Tokenizer.Token token : tokens) {
            if (json) {
                out.println(Fields.of("id", token.id())
                        .and("piece", token.piece())
                        .and("special", token.special())
                        .and("start", token.start())
                        .and("end", token.end())
                        .json());
            } else {
                out.printf(
                        Locale.ROOT,
                        "%8d  %-7s  %s%n",
                        token.id(),
                        token.special() ? "special" : "",
                        "'" + Printable.message(token.piece()) + "'");
            }
        }
        if (!json) {
            out.printf(Locale.ROOT, "%,d tokens%n", tokens.size());
        }
        out.flush();
    }
}
