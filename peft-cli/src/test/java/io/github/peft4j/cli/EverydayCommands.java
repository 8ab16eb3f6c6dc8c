package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.testkit.ToyModel;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What a user does on a day, in one process of which a test chooses locale, encoding and time zone: prints whatever the commands print, as
 * people and as programs see it, with a terminal, so that there is a progress bar too.
 */
final class EverydayCommands {

    private static final int COLUMNS = 100;

    private EverydayCommands() {}

    /** Runs the commands in a folder. */
    public static void main(String[] arguments) {
        Path work = Path.of(arguments[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path model = Toy.modelWithText(work.resolve("model"));
        Path data = Toy.texts(work.resolve("texts.jsonl"), 12);
        Path adapter = work.resolve("adapter");
        run(out, "help");
        run(out, "train", "--help");
        run(
                out,
                "train",
                "--model",
                model,
                "--data",
                data,
                "--output",
                adapter,
                "--steps",
                12,
                "--set",
                "r=2",
                "--report",
                "csv,tensorboard,plot",
                "--eval-data",
                data,
                "--eval-every",
                6,
                "--set",
                "target_modules=q_proj,v_proj",
                "--threads",
                1);
        run(out, "train", "--model", model, "--data", data, "--output", work.resolve("again"), "--steps", 2, "--json");
        run(out, "eval", "--model", model, "--adapter", adapter, "--data", data);
        run(out, "eval", "--model", model, "--adapter", adapter, "--data", data, "--json");
        run(out, "generate", "--model", model, "--adapter", adapter, "--prompt", "the cat", "--max-new-tokens", 4);
        run(out, "generate", "--model", model, "--prompt", "the cat", "--max-new-tokens", 4, "--json");
        run(out, "merge", "--model", model, "--adapter", adapter, "--output", work.resolve("merged"));
        run(out, "inspect", model, "--parameters");
        run(out, "inspect", adapter, "--json");
        run(out, "estimate", "--model", model, "--method", "ia3");
        run(out, "inspect", ToyModel.GPT2.write(work.resolve("gpt2")), "--parameters", "--method", "bitfit");
        run(out, "train", "--model", model, "--data", data, "--output", work.resolve("x"), "--set", "RANK=1,5");
        run(out, "train", "--steps", "1.5");
        run(out, "INFO");
    }

    private static void run(PrintStream out, Object... arguments) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Console console = new Console(InputStream.nullInputStream(), stream, stream, COLUMNS);
        String[] line = java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        int code = Main.run(new Session(console, Interruption.none()), line);
        out.println("$ " + String.join(" ", line));
        out.print(printed.toString(StandardCharsets.UTF_8));
        out.println("= " + code);
    }
}
