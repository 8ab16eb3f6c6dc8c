package io.github.peft4j.cli.internal.generation;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.models.chat.ChatSession;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A conversation at the terminal: each line that comes in is a message, or a wish about the conversation. */
public final class Chat {

    private static final String FORGET = "/new";
    private static final String LEAVE = "/exit";

    private final Console console;
    private final ChatSession session;
    private final GenerationPrinter printer;
    private boolean understood;

    public Chat(
            Console console,
            Continuations continuations,
            ChatTemplate template,
            GenerationPrinter printer,
            @Nullable String system) {
        ChatSession plain = ChatSession.of(
                (prompt, listener) -> {
                    understood = true;
                    return continuations.of(List.of(prompt), listener).get(0);
                },
                template);
        this.console = console;
        this.session = system == null ? plain : plain.withSystem(system);
        this.printer = printer;
    }

    /** Talks until the input ends or the user leaves. */
    public void run() throws IOException {
        console.note("Each line is a message. " + FORGET + " begins anew, " + LEAVE + " or the end of input ends.");
        BufferedReader lines = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
        for (String line = next(lines); line != null && !line.strip().equals(LEAVE); line = next(lines)) {
            if (line.strip().equals(FORGET)) {
                session.forget();
            } else if (!line.isBlank()) {
                answer(line);
            }
        }
    }

    private @Nullable String next(BufferedReader lines) throws IOException {
        if (console.terminal()) {
            console.err().print("> ");
            console.err().flush();
        }
        return lines.readLine();
    }

    private void answer(String line) {
        understood = false;
        try {
            ChatSession.Answer answer = session.say(line, printer::piece);
            printer.end(answer.generated(), answer.text());
        } catch (IllegalArgumentException e) {
            if (understood) {
                throw e;
            }
            throw new BadInput(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interruption.Stopped();
        }
    }
}
