package io.github.peft4j.cli;

import io.github.peft4j.models.generate.Generated;
import io.github.peft4j.models.text.ChatTemplate;
import io.github.peft4j.models.text.Message;
import io.github.peft4j.models.text.TextStream;
import io.github.peft4j.models.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A conversation: each line that comes in is a message, and each answer becomes part of what the model sees next. */
final class Chat {

    private static final String FORGET = "/new";
    private static final String LEAVE = "/exit";

    private final Console console;
    private final Continuations continuations;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final GenerationPrinter printer;
    private final List<Message> messages = new ArrayList<>();
    private final int beginning;

    Chat(
            Console console,
            Continuations continuations,
            ChatTemplate template,
            Tokenizer tokenizer,
            GenerationPrinter printer,
            @Nullable String system) {
        this.console = console;
        this.continuations = continuations;
        this.template = template;
        this.tokenizer = tokenizer;
        this.printer = printer;
        if (system != null) {
            messages.add(Message.system(system));
        }
        this.beginning = messages.size();
    }

    /** Talks until the input ends or the user leaves. */
    void run() throws IOException {
        console.note("Each line is a message. " + FORGET + " begins anew, " + LEAVE + " or the end of input ends.");
        BufferedReader lines = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
        for (String line = next(lines); line != null && !line.strip().equals(LEAVE); line = next(lines)) {
            if (line.strip().equals(FORGET)) {
                messages.subList(beginning, messages.size()).clear();
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
        messages.add(Message.user(line));
        int[] prompt = BadInput.when(() -> template.encode(messages, true));
        TextStream stream = tokenizer.stream(true);
        Generated made = continuations
                .of(List.of(prompt), (number, id) -> printer.piece(stream.add(id)))
                .get(0);
        printer.piece(stream.finish());
        String text = tokenizer.decode(made.ids(), true);
        printer.end(made, text);
        messages.add(Message.assistant(text));
    }
}
