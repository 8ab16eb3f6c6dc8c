package io.github.peft4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A command run in this process, and what came of it.
 *
 * @param code the exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record CommandRun(int code, String out, String err) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Runs a command; arguments may be of any type. */
    static CommandRun of(Object... arguments) {
        return with("", Interruption.none(), arguments);
    }

    /** Runs a command that must end well. */
    static CommandRun done(Object... arguments) {
        CommandRun run = of(arguments);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    /** Runs a command that reads something, or is stopped. */
    static CommandRun with(String input, Interruption interruption, Object... arguments) {
        return in(console -> new Session(console, interruption), input, 0, arguments);
    }

    /**
     * Runs a command in a session of the test's own.
     *
     * @param input what it reads
     * @param columns of its terminal, or 0 for none
     */
    static CommandRun in(Function<Console, Session> session, String input, int columns, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                columns);
        int code = Main.run(
                session.apply(console),
                Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Standard output as JSON, each line an object. */
    List<JsonNode> json() {
        return out.lines().map(CommandRun::parse).toList();
    }

    /** The last object of standard output. */
    JsonNode lastJson() {
        List<JsonNode> all = json();
        return all.get(all.size() - 1);
    }

    private static JsonNode parse(String line) {
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.isObject()) {
                throw new AssertionError("no JSON object: " + line);
            }
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException("no JSON: " + line, e);
        }
    }

    /** These arguments and more. */
    static Object[] and(Object[] arguments, Object... more) {
        return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray();
    }
}
