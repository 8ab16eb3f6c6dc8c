package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.embedding.internal.ModuleList;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a model or an adapter lies that was named by its folder or its id on the hub.
 *
 * @param name as it was named: of a model, what adapters record as their base model
 * @param folder its config, weights and tokenizer
 * @param whole all of it: the same folder, or one of sentence-transformers around it
 */
public record ModelLocation(String name, Path folder, Path whole) {

    /** What is looked for: a name for messages, and what its folder holds. */
    private record Kind(String name, String content) {

        static final Kind MODEL = new Kind("checkpoint", "config.json and weights");

        static final Kind ADAPTER = new Kind("adapter", "adapter_config.json and adapter_model.safetensors");

        ModelLocation at(String name, Path folder) throws CheckpointException {
            return new ModelLocation(name, this == MODEL ? ModuleList.transformer(folder) : folder, folder);
        }
    }

    /** A folder that holds all. */
    public ModelLocation(String name, Path folder) {
        this(name, folder, folder);
    }

    /**
     * A model's folder under its own name.
     *
     * @throws CheckpointException if it is one of sentence-transformers' that is damaged
     */
    public static ModelLocation ofFolder(Path folder) throws CheckpointException {
        return Kind.MODEL.at(folder.toString(), folder);
    }

    /**
     * Finds a model's folder, or a hub id in the local cache of the user.
     *
     * @param name a path, {@code ORG/NAME} or {@code ORG/NAME@REVISION}; a folder comes before the hub
     * @throws CheckpointException if there is neither
     */
    public static ModelLocation of(String name) throws CheckpointException {
        return of(name, HubCache.ofUser());
    }

    /**
     * Finds an adapter's folder, or a hub id in the local cache of the user.
     *
     * @param name as {@link #of(String)}
     * @throws CheckpointException if there is neither
     */
    public static ModelLocation ofAdapter(String name) throws CheckpointException {
        return of(name, HubCache.ofUser(), Kind.ADAPTER);
    }

    /**
     * Finds a model's folder, or a hub id in a cache.
     *
     * @throws CheckpointException if there is neither
     */
    public static ModelLocation of(String name, HubCache cache) throws CheckpointException {
        return of(name, cache, Kind.MODEL);
    }

    private static ModelLocation of(String name, HubCache cache, Kind kind) throws CheckpointException {
        Path folder = path(name);
        if (Files.isDirectory(folder)) {
            return kind.at(name, folder);
        }
        if (Files.exists(folder)) {
            throw new CheckpointException("no " + kind.name + " folder at " + name + ": expected a folder with "
                    + kind.content + ", found a file");
        }
        Path snapshot = cache.find(name);
        if (snapshot != null) {
            return kind.at(name, snapshot);
        }
        if (!HubCache.isId(name)) {
            throw new CheckpointException("no " + kind.name + " folder at " + name + ": there is no such folder");
        }
        throw new CheckpointException("no " + kind.name + " \"" + name
                + "\": expected a folder, or a model in the hub cache " + cache.folder()
                + ". To download it there: hf download " + name.replaceFirst("@", " --revision "));
    }

    private static Path path(String name) throws CheckpointException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new CheckpointException("\"" + name + "\" is no path: " + e.getReason(), e);
        }
    }
}
