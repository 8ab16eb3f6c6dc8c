package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.generation.Chat;
import io.github.peft4j.cli.internal.generation.Continuations;
import io.github.peft4j.cli.internal.generation.GenerationPrinter;
import io.github.peft4j.cli.internal.loading.Tokenizers;
import io.github.peft4j.cli.internal.option.AdapterChoices;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.PromptOptions;
import io.github.peft4j.cli.internal.option.SamplingOptions;
import io.github.peft4j.cli.internal.option.SeedOption;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.generate.GenerationConfig;
import io.github.peft4j.models.generate.Generator;
import io.github.peft4j.models.generate.internal.TextPieces;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Continues prompts, or talks. */
@Command(
        name = "generate",
        description = "Continues prompts with a model, with or without an adapter.",
        customSynopsis = {
            "peft4j generate --model MODEL --prompt TEXT [--adapter DIR] [options]",
            "       peft4j generate --model MODEL --prompt-ids 1,2,3 [options]",
            "       peft4j generate --model MODEL --prompts FILE [options]",
            "       peft4j generate --model MODEL --chat [options]"
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j generate --model ./smollm2 --prompt \"The capital of France is\"",
            "  peft4j generate --model ./smollm2 --adapter my-adapter --prompts file.txt",
            "  peft4j generate --model ./smollm2 --adapter fr=adapters/french --adapter de=adapters/german"
                    + " --prompts rows.jsonl",
            "  peft4j generate --model ./smollm2 --chat --temperature 0.7 --top-p 0.9",
            "",
            "JSON, one line per prompt: ids (new tokens only), text, finish (stop or length); at the end:"
                    + " done, first_token_s, tokens_per_s, peak_rss_mib."
        })
public final class GenerateCommand extends Subcommand {

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final AdapterChoices adapters = sections.add("Adapter", new AdapterChoices());
    private final PromptOptions prompts = sections.add("Prompts", new PromptOptions());
    private final SamplingOptions sampling = sections.add("Choice of tokens", new SamplingOptions());
    private final Output output = sections.add("Output", new Output());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());
    private final SeedOption seed = sections.add("General", new SeedOption());

    /** How continuations are made and shown. */
    static final class Output {
        @Option(names = "--stream", description = "Show the text as it comes; one prompt after the other.")
        boolean stream;

        @Option(
                names = "--batch-size",
                paramLabel = "N",
                description = "Prompts that are continued together. Default: ${DEFAULT-VALUE}.")
        int batchSize = 8;
    }

    @Override
    public int run(Session session) throws IOException {
        ModelLocation location = model.location(session.hub());
        compute.check();
        Given.atLeast(1, output.batchSize, "--batch-size");
        List<PromptOptions.Prompt> given = prompts.read();
        adapters.check(given, session.hub());
        GenerationConfig config = sampling.config(location.folder(), seed.seed);
        Console console = session.console();
        Map<String, Path> folders = adapters.folders();
        try (Tokenizers tokenizers = new Tokenizers(location.folder(), folders, console)) {
            List<int[]> ids = encode(given, folders, tokenizers);
            ChatTemplate template = prompts.chat ? tokenizers.requireTemplate(AdapterChoices.of(null, folders)) : null;
            try (Interruption.Guard guard = session.interruption().guard();
                    Model<LanguageHead> base = compute.load(console, location)) {
                AdapterChoices.Loaded loaded = adapters.load(console, base);
                Continuations continuations = new Continuations(new Generator(base, config), session.interruption());
                GenerationPrinter printer = new GenerationPrinter(session, output.stream || prompts.chat);
                if (template != null) {
                    console.begin();
                    new Chat(console, continuations, template, printer, prompts.system).run();
                } else {
                    run(session.console(), given, ids, loaded, continuations, tokenizers, printer);
                }
                finish(session, continuations);
            }
        }
        return ExitCode.DONE;
    }

    private static List<int[]> encode(
            List<PromptOptions.Prompt> given, Map<String, Path> folders, Tokenizers tokenizers) throws IOException {
        List<int[]> ids = new ArrayList<>();
        for (PromptOptions.Prompt prompt : given) {
            int[] tokens = prompt.ids();
            String text = prompt.text();
            String adapter = AdapterChoices.of(prompt, folders);
            Tokenizer known = tokenizers.find(adapter);
            if (tokens == null && text != null) {
                Tokenizer needed = known == null ? tokenizers.require(adapter) : known;
                tokens = BadInput.when(() -> needed.encode(text));
            }
            ids.add(tokens == null ? new int[0] : tokens);
        }
        return ids;
    }

    private void run(
            Console console,
            List<PromptOptions.Prompt> given,
            List<int[]> ids,
            AdapterChoices.Loaded loaded,
            Continuations continuations,
            Tokenizers tokenizers,
            GenerationPrinter printer)
            throws IOException {
        int together = printer.streams() ? 1 : output.batchSize;
        int to;
        for (int from = 0; from < ids.size(); from = to) {
            to = end(given, from, together, loaded);
            RowSelection selection = loaded.select(given.subList(from, to));
            Tokenizer tokenizer = tokenizers.find(AdapterChoices.of(given.get(from), loaded.folders()));
            TextPieces pieces =
                    tokenizer == null || !printer.streams() ? null : new TextPieces(tokenizer, printer::piece);
            List<Generator.Generated> made = continuations.of(ids.subList(from, to), selection, (prompt, id) -> {
                console.begin();
                if (pieces != null) {
                    pieces.token(prompt, id);
                }
            });
            if (pieces != null) {
                pieces.finish();
            }
            for (int i = 0; i < made.size(); i++) {
                Tokenizer own = tokenizers.find(AdapterChoices.of(given.get(from + i), loaded.folders()));
                printer.end(
                        made.get(i), own == null ? null : own.decode(made.get(i).ids(), true));
            }
            if (console.out().checkError()) {
                // Nobody reads on.
                return;
            }
        }
    }

    /** Where a batch of prompts that goes from a number on ends. */
    private static int end(List<PromptOptions.Prompt> prompts, int from, int together, AdapterChoices.Loaded loaded) {
        int to = from + 1;
        while (to < prompts.size() && to - from < together && loaded.goTogether(prompts.get(from), prompts.get(to))) {
            to++;
        }
        return to;
    }

    /** A summary is a result for programs and a note for people. */
    private static void finish(Session session, Continuations continuations) {
        Fields summary = continuations.summary();
        if (session.json()) {
            session.console().out().println(summary.json());
        } else {
            session.console()
                    .note("first token after " + Fields.shown(number(summary, "first_token_s")) + " s, then "
                            + Fields.shown(number(summary, "tokens_per_s")) + " tokens/s; peak memory "
                            + summary.get("peak_rss_mib") + " MiB");
        }
    }

    private static Double number(Fields fields, String name) {
        return fields.get(name) instanceof Double number ? number : Double.NaN;
    }
}
