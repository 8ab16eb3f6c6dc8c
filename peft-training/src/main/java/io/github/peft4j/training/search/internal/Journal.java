package io.github.peft4j.training.search.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonQuoting;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a search has found, in JSON Lines: first what it searches, then a line for each trial and share, forced to disk before the next is tried. Of a
 * line that was not written wholly nothing counts.
 */
public final class Journal implements AutoCloseable {

    /** Its name. */
    public static final String FILE = "search.jsonl";

    private static final int FORMAT = 1;

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(1 << 20);

    private static final JsonWriter JSON =
            JsonWriter.PYTHON.escaping(JsonQuoting.Escaping.LINE).finite();

    /** No search comes near it. */
    private static final long LARGEST = 1 << 28;

    private final RandomAccessFile file;
    private final List<Search.Tried> before;

    private Journal(RandomAccessFile file, List<Search.Tried> before) {
        this.file = file;
        this.before = before;
    }

    /**
     * Begins a journal, or goes on with one.
     *
     * @param plan what is searched
     * @param folder its own; a link out of it is refused
     * @throws IllegalArgumentException if there is one of another search
     * @throws CheckpointException if there is a file of its name that is none
     * @throws IOException if it cannot be read or written
     */
    public static Journal open(Path folder, Map<String, String> plan) throws IOException {
        Path path = UntrustedFolder.file(folder, FILE);
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw damaged(path, 1, "it is not a regular file");
        }
        // Not through a channel: it fails on an interrupted thread, and what was found counts.
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        boolean fit = false;
        try {
            Journal journal = new Journal(file, read(file, path, plan));
            if (file.length() == 0) {
                Map<String, Object> head = new LinkedHashMap<>();
                head.put("peft4j_search", FORMAT);
                head.put("plan", plan);
                journal.line(head);
            }
            fit = true;
            return journal;
        } finally {
            if (!fit) {
                file.close();
            }
        }
    }

    private static List<Search.Tried> read(RandomAccessFile file, Path path, Map<String, String> plan)
            throws IOException {
        if (file.length() > LARGEST) {
            throw damaged(path, 1, "the file has " + file.length() + " bytes");
        }
        byte[] bytes = new byte[(int) file.length()];
        file.readFully(bytes);
        List<Search.Tried> before = new ArrayList<>();
        int from = 0;
        int number = 0;
        for (int to = 0; to < bytes.length; to++) {
            if (bytes[to] == '\n') {
                Map<?, ?> line = object(bytes, from, to, path, ++number);
                if (number == 1) {
                    requireSame(line, plan, path);
                } else {
                    before.add(tried(line, path, number));
                }
                from = to + 1;
            }
        }
        // What a process left behind that was killed while it wrote.
        file.setLength(from);
        file.seek(from);
        return before;
    }

    private static Map<?, ?> object(byte[] bytes, int from, int to, Path path, int number) throws IOException {
        try {
            byte[] line = Arrays.copyOfRange(bytes, from, to);
            if (JsonTree.parse(line, LIMITS) instanceof Map<?, ?> object) {
                return object;
            }
        } catch (JsonException e) {
            throw damaged(path, number, e.problem());
        }
        throw damaged(path, number, "it is no object");
    }

    private static CheckpointException damaged(Path path, int number, String problem) {
        return new CheckpointException(path + ", line " + number + ": " + problem
                + ": expected the journal of a search; choose another folder, or take this file away");
    }

    private static void requireSame(Map<?, ?> head, Map<String, String> plan, Path path) throws IOException {
        if (!Objects.equals(head.get("peft4j_search"), FORMAT) || !(head.get("plan") instanceof Map<?, ?> then)) {
            throw damaged(path, 1, "it is not the head of format " + FORMAT);
        }
        TreeSet<String> names = new TreeSet<>(plan.keySet());
        then.keySet().forEach(name -> names.add(String.valueOf(name)));
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            Object was = then.get(name);
            if (!Objects.equals(was, plan.get(name))) {
                differences.add(Printable.excerpt(name) + " was "
                        + (was == null ? "not set" : Printable.excerpt(String.valueOf(was))) + ", is "
                        + Objects.requireNonNullElse(plan.get(name), "not set"));
            }
        }
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException("cannot go on with the search in " + path + ", which differs: "
                    + Listed.problems(differences) + ". Use the same settings and data, or another folder");
        }
    }

    private static Search.Tried tried(Map<?, ?> line, Path path, int number) throws IOException {
        if (line.get("trial") instanceof Integer trial
                && line.get("share") instanceof Double share
                && line.get("settings") instanceof Map<?, ?> settings
                && line.get("numbers") instanceof Map<?, ?> numbers
                && line.get("seconds") instanceof Double seconds
                && (line.get("value") == null || line.get("value") instanceof Double)
                && (line.get("problem") == null || line.get("problem") instanceof String)) {
            Map<String, String> texts = new LinkedHashMap<>();
            settings.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
            Map<String, Double> measured = new LinkedHashMap<>();
            numbers.forEach((key, value) ->
                    measured.put(String.valueOf(key), value instanceof Double decimal ? decimal : Double.NaN));
            return new Search.Tried(
                    trial,
                    share,
                    texts,
                    (Double) line.get("value"),
                    Collections.unmodifiableMap(measured),
                    (String) line.get("problem"),
                    seconds);
        }
        throw damaged(path, number, "it is not what came of a trial");
    }

    /** What came of a trial, if it was tried. */
    public Optional<Search.Tried> find(Search.Trial trial) {
        return before.stream()
                .filter(tried -> tried.number() == trial.number() && tried.share() == trial.share())
                .findFirst();
    }

    /** Adds what came of a trial. */
    public void add(Search.Tried tried) throws IOException {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("trial", tried.number());
        line.put("share", tried.share());
        line.put("settings", tried.settings());
        line.put("value", tried.value());
        line.put("numbers", tried.numbers());
        line.put("problem", tried.problem());
        line.put("seconds", tried.seconds());
        line(line);
    }

    private void line(Map<String, ? extends @Nullable Object> values) throws IOException {
        file.write((JSON.write(values) + "\n").getBytes(StandardCharsets.UTF_8));
        file.getFD().sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
