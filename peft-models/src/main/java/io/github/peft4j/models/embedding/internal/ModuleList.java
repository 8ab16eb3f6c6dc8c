package io.github.peft4j.models.embedding.internal;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The modules of a sentence-transformers folder in their order: {@code modules.json}.
 *
 * @param source the file, for messages
 * @param modules a transformer, a pooling, and what follows
 */
public record ModuleList(Path source, List<Entry> modules) {

    /** The file's name. */
    public static final String FILE = "modules.json";

    /** What the names of the library's classes begin with, in whichever version. */
    private static final String LIBRARY = "sentence_transformers.";

    private static final Set<String> KEYS = Set.of("idx", "name", "path", "type", "kwargs");

    /** The kinds of modules that are implemented, by the names of their classes. */
    public enum Kind {
        /** The transformer with its tokenizer. */
        TRANSFORMER("Transformer"),
        /** From the tokens' hidden states to one vector. */
        POOLING("Pooling"),
        /** A linear layer with an activation function. */
        DENSE("Dense"),
        /** To the length 1. */
        NORMALIZE("Normalize");

        private final String className;

        Kind(String className) {
            this.className = className;
        }
    }

    /**
     * A module.
     *
     * @param folder its files, in the folder that it is of
     */
    public record Entry(Kind kind, Path folder) {}

    /** Whether a folder is one of sentence-transformers'. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /**
     * Where the transformer of a folder lies: the folder itself, unless it is one of sentence-transformers' that says otherwise.
     *
     * @throws CheckpointException if its {@code modules.json} is refused
     */
    public static Path transformer(Path folder) throws CheckpointException {
        if (!isIn(folder) || Files.exists(folder.resolve("config.json"))) {
            return folder;
        }
        return read(folder).modules().get(0).folder();
    }

    /**
     * Reads the list.
     *
     * @throws CheckpointException if it is damaged, or holds a module that is not implemented, in an order that is not, or outside of the folder
     */
    public static ModuleList read(Path folder) throws CheckpointException {
        Path file = UntrustedFolder.file(folder, FILE);
        Object value;
        try {
            value = JsonTree.parse(InputFile.bytes(file, ConfigJson.LIMITS.bytes()), ConfigJson.LIMITS);
        } catch (JsonException e) {
            throw new CheckpointException(file + " is no valid JSON: " + e.getMessage(), e);
        }
        if (!(value instanceof List<?> list)) {
            throw new CheckpointException(file + " holds no list of modules, but " + JsonKind.described(value));
        }
        List<Entry> modules = new ArrayList<>();
        for (Object module : list) {
            modules.add(entry(folder, file, module, modules.size()));
        }
        ModuleList read = new ModuleList(file, List.copyOf(modules));
        read.requireOrder();
        return read;
    }

    private static Entry entry(Path folder, Path file, Object module, int number) throws CheckpointException {
        String source = file + ": module " + number;
        if (!(module instanceof Map<?, ?> values)) {
            throw new CheckpointException(source + " is no object, but " + JsonKind.described(module));
        }
        for (Object key : values.keySet()) {
            if (!KEYS.contains(String.valueOf(key))) {
                throw new CheckpointException(source + " has " + Printable.quoted(String.valueOf(key))
                        + ", which is not implemented: expected path and type");
            }
        }
        if (!(values.get("type") instanceof String type) || !(values.get("path") instanceof String path)) {
            throw new CheckpointException(source + ": path and type must be texts");
        }
        if (values.get("kwargs") instanceof List<?> arguments && !arguments.isEmpty()) {
            throw new CheckpointException(source + ": kwargs are not implemented, got " + arguments.size());
        }
        return new Entry(kind(source, type), inside(folder, source, path));
    }

    private static Kind kind(String source, String type) throws CheckpointException {
        String className = type.substring(type.lastIndexOf('.') + 1);
        for (Kind kind : Kind.values()) {
            if (type.startsWith(LIBRARY) && kind.className.equals(className)) {
                return kind;
            }
        }
        throw new CheckpointException(source + ": a module of type " + Printable.quoted(type)
                + " is not implemented: expected sentence-transformers' "
                + Arrays.stream(Kind.values()).map(kind -> kind.className).collect(Collectors.joining(", ")));
    }

    /** A folder below the one that came from a stranger. */
    private static Path inside(Path folder, String source, String name) throws CheckpointException {
        if (name.isEmpty() || name.equals(".")) {
            return folder;
        }
        try {
            Path path = Path.of(name);
            Path plain = path.normalize();
            if (!path.isAbsolute()
                    && !plain.startsWith("..")
                    && !name.contains("\\")
                    && !plain.toString().isEmpty()) {
                return UntrustedFolder.file(folder, plain.toString());
            }
        } catch (InvalidPathException e) {
            throw new CheckpointException(source + ": " + Printable.quoted(name) + " is no path: " + e.getReason(), e);
        }
        throw new CheckpointException(source + ": path " + Printable.quoted(name)
                + " leads out of the folder: expected the name of one in it");
    }

    private void requireOrder() throws CheckpointException {
        boolean begins = modules.size() >= 2
                && modules.get(0).kind() == Kind.TRANSFORMER
                && modules.get(1).kind() == Kind.POOLING;
        boolean goesOn = modules.stream()
                .skip(2)
                .allMatch(module -> module.kind() == Kind.DENSE || module.kind() == Kind.NORMALIZE);
        if (!begins || !goesOn) {
            throw new CheckpointException(source + " lists "
                    + modules.stream().map(module -> module.kind().className).toList()
                    + ", expected a Transformer, a Pooling, and then any of Dense and Normalize");
        }
    }
}
