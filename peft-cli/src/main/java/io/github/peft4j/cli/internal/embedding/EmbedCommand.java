package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.cli.internal.command.Subcommand;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.ExitCode;
import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.option.AdapterOption;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextEmbedder;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes vectors of texts. */
@Command(
        name = "embed",
        description = "Makes a vector of every text, as sentence-transformers does.",
        customSynopsis = {
            "peft4j embed --model MODEL --data FILE [--output FILE] [options]",
            "       peft4j embed --model MODEL --text TEXT... [options]"
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  peft4j embed --model ./minilm --text \"A text\" \"Another\" --json",
            "  peft4j embed --model ./minilm --data texts.txt --output vectors.parquet",
            "",
            "JSON, per text: embedding. At the end: done, rows, seconds, tokens, cut (texts that were longer than the model"
                    + " takes), dimensions. With --output only that; a Parquet file has the column embedding, a list of floats."
        })
public final class EmbedCommand extends Subcommand {

    /** Texts that are read before the first of them is written: enough for batches of rows of like length. */
    private static final int AT_ONCE = 8192;

    private final ModelOptions model = sections.add("Model", new ModelOptions());
    private final AdapterOption adapter = sections.add("Adapter", new AdapterOption());
    private final EmbedOptions texts = sections.add("Texts", new EmbedOptions());
    private final Output output = sections.add("Output", new Output());
    private final ComputeOptions compute = sections.add("Computing", new ComputeOptions());

    /** Where vectors go. */
    static final class Output {
        @Option(
                names = "--output",
                paramLabel = "FILE",
                description = "A new file for the vectors, .jsonl or .parquet. Default: they are printed.")
        @Nullable
        Path file;
    }

    /** What was done. */
    private static final class Work {
        private long tokens;
        private long cut;
    }

    @Override
    public int run(Session session) throws IOException {
        Given.all(model.needed());
        texts.check();
        adapter.check(session.hub());
        compute.check();
        if (output.file != null) {
            VectorSink.requireWritable(output.file);
        }
        ModelLocation location = model.location(session.hub());
        Console console = session.console();
        List<EmbedOptions.Item> items = texts.read();
        Map<String, Object> changes = texts.changes();
        Task task =
                new Task(EmbeddingHead.class, Models.config(location.folder()).with(changes), changes, false);
        try (Interruption.Guard guard = session.interruption().guard();
                Model<?> base = compute.load(console, location, task)) {
            adapter.load(console, base);
            EmbeddingHead head = base.with(EmbeddingHead.class).head();
            TextEmbedder embedder = texts.prompted(TextEmbedder.of(base.with(EmbeddingHead.class)));
            console.begin();
            long start = System.nanoTime();
            Work work = new Work();
            try (VectorSink sink = output.file == null ? printed(session) : VectorSink.of(output.file)) {
                for (int from = 0; from < items.size(); from += AT_ONCE) {
                    session.interruption().check();
                    embed(embedder, items.subList(from, Math.min(from + AT_ONCE, items.size())), sink, work);
                }
                sink.finish();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            if (work.cut > 0) {
                console.note(String.format(
                        Locale.ROOT,
                        "texts    %,d of %,d are longer than %,d tokens and were cut",
                        work.cut,
                        items.size(),
                        head.maxLength()));
            }
            Fields done = Fields.of("done", true)
                    .and("rows", items.size())
                    .and("seconds", seconds)
                    .and("tokens", work.tokens)
                    .and("cut", work.cut)
                    .and("dimensions", head.size());
            session.print(output.file == null ? done : done.and("output", output.file.toString()));
        }
        return ExitCode.DONE;
    }

    private static void embed(TextEmbedder embedder, List<EmbedOptions.Item> items, VectorSink sink, Work work)
            throws IOException {
        List<String> written = items.stream()
                .map(EmbedOptions.Item::text)
                .filter(Objects::nonNull)
                .toList();
        List<Row> rows = items.stream()
                .map(EmbedOptions.Item::ids)
                .filter(Objects::nonNull)
                .toList();
        // Token ids need no tokenizer.
        TextEmbedder.Embedded made = written.isEmpty()
                ? new TextEmbedder.Embedded(new float[0][], 0, 0)
                : BadInput.when(() -> embedder.embedded(written));
        Iterator<float[]> ofTexts = List.of(made.vectors()).iterator();
        Iterator<float[]> ofRows =
                List.of(BadInput.when(() -> embedder.embedRows(rows))).iterator();
        for (EmbedOptions.Item item : items) {
            sink.add((item.text() == null ? ofRows : ofTexts).next());
        }
        work.tokens += made.tokens() + rows.stream().mapToLong(Row::length).sum();
        work.cut += made.cut();
    }

    private static VectorSink printed(Session session) {
        return new VectorSink() {
            @Override
            public void add(float[] vector) {
                session.console().out().println(session.json() ? VectorText.json(vector) : VectorText.plain(vector));
            }

            @Override
            public void finish() {
                session.console().out().flush();
            }

            @Override
            public void close() {}
        };
    }
}
