package io.github.peft4j.cli.internal.streaming;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.TrainingDataOptions;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.training.batch.internal.CachedBatches;
import io.github.peft4j.training.batch.internal.LazyBatches;
import io.github.peft4j.training.batch.internal.StreamBatches;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether rows are read before the training or on the way, and how those of several files are mixed. */
public final class StreamOptions {

    /** Files that are larger are streamed if nothing else is asked for. */
    private static final long LARGE = 1L << 30;

    private static final String FIRST = "first";
    private static final String ALL = "all";

    @Option(
            names = "--stream",
            description =
                    "Read and encode rows while the model learns from those before, so that there may be more than"
                            + " memory holds; needs --steps. Default: for files of more than 1 GiB together.")
    boolean stream;

    @Option(names = "--no-stream", description = "Read all rows into memory, however many there are.")
    boolean noStream;

    @Option(
            names = "--shuffle-buffer",
            paramLabel = "N",
            description = "Rows that are shuffled together where rows are streamed; memory has twice as many. Default: "
                    + Dataset.Streamed.USUAL_WINDOW
                    + ", or as many as have a million tokens if these are fewer, the first 625, or"
                    + " 65,536 tokens, and then twice as many each time until then.")
    @Nullable
    Integer shuffleBuffer;

    @Option(
            names = "--mix",
            paramLabel = "X,X",
            description =
                    "Draw rows by weights, one for each file, folder or pattern of --data: 3,1 takes three of four rows"
                            + " from the first. Default: one after the other.")
    @Nullable
    String mix;

    @Option(
            names = "--mix-until",
            paramLabel = "WHICH",
            description =
                    "When a pass over files that are mixed ends: first, when the first of them does; or all, when every"
                            + " one has, those before beginning anew. Default: " + FIRST + ".")
    @Nullable
    String mixUntil;

    @Option(
            names = "--token-cache",
            paramLabel = "DIR",
            description =
                    "Encode rows once into a file in DIR, and take them from there in this run and later ones on the same"
                            + " rows: none is in memory, and they are shuffled, counted and repeated as if all were.")
    @Nullable
    Path tokenCache;

    /**
     * Checks the options.
     *
     * @throws BadInput if they do not go together
     */
    public void check() {
        if (stream && noStream) {
            throw new BadInput("--stream and --no-stream exclude each other: give one of them");
        }
        if (tokenCache != null && (stream || noStream)) {
            throw new BadInput(
                    "--token-cache takes rows from a file of its own, neither on the way nor from memory: leave out "
                            + (stream ? "--stream" : "--no-stream"));
        }
        if (tokenCache != null && Files.exists(tokenCache) && !Files.isDirectory(tokenCache)) {
            throw new BadInput("--token-cache: " + tokenCache + " is not a folder");
        }
        Given.atLeast(1, shuffleBuffer, "--shuffle-buffer");
        Given.needs(mixUntil != null, "--mix-until", mix != null, "--mix");
        if (mixUntil != null && !mixUntil.equals(FIRST) && !mixUntil.equals(ALL)) {
            throw new BadInput("--mix-until: expected " + FIRST + " or " + ALL + ", got " + mixUntil);
        }
    }

    /**
     * Reads rows, or begins to.
     *
     * @param asked what the model is to do
     * @return rows to train on and to evaluate on; whoever has them closes them
     * @throws IOException if a file cannot be read or a row is no example
     */
    public TrainingDataOptions.Sets read(
            RowOptions rows,
            TrainingDataOptions data,
            Vocabulary vocabulary,
            Console console,
            Task asked,
            TrainingConfig settings)
            throws IOException {
        List<List<RowSource>> given = rows.parts();
        List<Dataset.Streamed.Part> parts = parts(given);
        List<RowSource> sources = given.stream().flatMap(List::stream).toList();
        boolean untilAll = ALL.equals(mixUntil);
        if (tokenCache != null) {
            Given.needs(shuffleBuffer != null, "--shuffle-buffer", false, "--stream");
            Path folder = tokenCache;
            Task task = data.named(rows, console, asked);
            return lazy(rows, data, vocabulary, console, task, encoding -> {
                Dataset.Cached cached =
                        Dataset.cached(folder, sources, encoding).drawn(parts, untilAll);
                CachedBatches batches = new CachedBatches(cached, settings, new EncodingProgress(console));
                console.note("data     " + batches.firstReport() + ", in " + folder);
                return batches;
            });
        }
        long bytes = bytes(sources);
        boolean large = bytes > LARGE && !noStream;
        if (!stream && !large) {
            Given.needs(shuffleBuffer != null, "--shuffle-buffer", false, "--stream");
            RowFeed feed = RowFeed.of(sources, parts, settings.seed(), untilAll);
            return data.read(feed, rows, vocabulary, console, asked);
        }
        String why = stream
                ? "rows are streamed"
                : String.format(
                        Locale.ROOT, "rows are streamed, since the files of --data have %.1f GiB", bytes / 0x1p30);
        String instead = (stream ? "" : ", or --no-stream to read all of them into memory")
                + ", or --token-cache to encode them into a file first";
        if (settings.steps() == 0) {
            throw new BadInput(why + ", and how many there are is not known: give --steps" + instead);
        }
        if (asked.open()) {
            throw new BadInput(why + ", so what labels there are is not known before the training: name them with"
                    + " --labels, or --num-labels" + instead);
        }
        return lazy(rows, data, vocabulary, console, asked, encoding -> {
            Dataset.Streamed streamed = Dataset.stream(sources, encoding)
                    .withWindow(shuffleBuffer == null ? 0 : shuffleBuffer)
                    .drawn(parts, untilAll);
            StreamBatches batches = new StreamBatches(streamed, settings);
            console.note("data     " + (stream ? "streamed" : why) + "; in the first window " + batches.firstReport());
            return batches;
        });
    }

    /** Rows that are not in memory. */
    @FunctionalInterface
    private interface Opening {
        LazyBatches of(EncodingOptions encoding) throws IOException;
    }

    private static TrainingDataOptions.Sets lazy(
            RowOptions rows,
            TrainingDataOptions data,
            Vocabulary vocabulary,
            Console console,
            Task task,
            Opening opening)
            throws IOException {
        ModelText text = ModelText.in(vocabulary.folder(), vocabulary.model());
        try {
            EncodingOptions encoding =
                    rows.encoding(vocabulary, task.labels(true)).withText(text);
            LazyBatches batches = BadInput.when(() -> opening.of(encoding));
            batches.firstReport().oddRows().places().forEach(console::note);
            try {
                return data.read(batches, text, rows, vocabulary, console, task);
            } catch (IOException | RuntimeException e) {
                batches.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private List<Dataset.Streamed.Part> parts(List<List<RowSource>> given) {
        List<Dataset.Streamed.Part> parts = new ArrayList<>();
        if (mix == null) {
            return parts;
        }
        String[] weights = mix.split(",", -1);
        if (weights.length != given.size()) {
            throw new BadInput("--mix needs a weight for each file, folder or pattern of --data: expected "
                    + given.size() + ", got " + weights.length);
        }
        for (int i = 0; i < weights.length; i++) {
            parts.add(part(weights[i].strip(), given.get(i).size()));
        }
        return parts;
    }

    private static Dataset.Streamed.Part part(String weight, int sources) {
        double number;
        try {
            number = Double.parseDouble(weight);
        } catch (NumberFormatException e) {
            throw new BadInput("--mix: " + weight + " is no number", e);
        }
        return BadInput.when(() -> new Dataset.Streamed.Part(number, sources));
    }

    /** The size of the files, by whose names sources are called; of several slices of one only once. */
    private static long bytes(List<RowSource> sources) throws IOException {
        long sum = 0;
        for (String name : sources.stream().map(RowSource::name).distinct().toList()) {
            Path file = Path.of(name);
            sum += Files.isRegularFile(file) ? Files.size(file) : 0;
        }
        return sum;
    }
}
