package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.embedding.internal.ModuleList;
import io.github.peft4j.models.hub.internal.fetch.ModelFiles;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.http.HubException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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

    /** Whether it is a folder of sentence-transformers. */
    public boolean ofSentenceTransformers() {
        return ModuleList.isIn(whole);
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
     * Finds a model's folder, or one of a hub: in the local cache, or fetched into it.
     *
     * @param name a path, or a {@link HubName}; a folder comes before the hub
     * @throws CheckpointException if it is neither
     * @throws HubException if the hub cannot be reached, or does not give it
     */
    public static ModelLocation of(String name) throws IOException {
        return of(name, Hub.ofUser());
    }

    /** {@link #of(String)} by a way to hubs. */
    public static ModelLocation of(String name, Hub hub) throws IOException {
        return of(name, hub, Kind.MODEL);
    }

    /**
     * Finds an adapter's folder, or one of a hub.
     *
     * @param name as {@link #of(String)}
     * @throws IOException as {@link #of(String)}
     */
    public static ModelLocation ofAdapter(String name) throws IOException {
        return ofAdapter(name, Hub.ofUser());
    }

    /** {@link #ofAdapter(String)} by a way to hubs. */
    public static ModelLocation ofAdapter(String name, Hub hub) throws IOException {
        return of(name, hub, Kind.ADAPTER);
    }

    private static ModelLocation of(String name, Hub hub, Kind kind) throws IOException {
        @Nullable HubName named = HubName.of(name);
        @Nullable Path folder = named != null && named.where() == HubName.Where.MODELSCOPE ? null : path(name);
        if (folder != null && Files.isDirectory(folder)) {
            return kind.at(name, folder);
        }
        if (folder != null && Files.exists(folder)) {
            throw new CheckpointException("no " + kind.name + " folder at " + name + ": expected a folder with "
                    + kind.content + ", found a file");
        }
        if (named == null) {
            throw new CheckpointException("no " + kind.name + " folder at " + name + ": there is no such folder");
        }
        ModelFiles files = kind == Kind.ADAPTER ? ModelFiles.ofAdapter() : ModelFiles.ofModel();
        try {
            return kind.at(name, hub.folder(named, Repo.Kind.MODEL, files));
        } catch (HubException.Refusal e) {
            throw new HubException.Refusal(
                    "no " + kind.name + " folder at " + name + ", and on the hub: " + e.getMessage());
        }
    }

    private static Path path(String name) throws CheckpointException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new CheckpointException("\"" + name + "\" is no path: " + e.getReason(), e);
        }
    }
}
