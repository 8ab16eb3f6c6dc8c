package io.github.peft4j.models.hub.internal.cache;

import io.github.peft4j.models.hub.internal.fetch.FetchLocks;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A repository at a revision, as the cache has it.
 *
 * @param repo which
 * @param modelScope whether it is of ModelScope
 * @param repository the folder that all revisions share
 * @param snapshot its folder
 * @param names branches and tags that stand for it
 * @param files content by name; of Hugging Face's cache, the one in {@code blobs} that a link leads to
 */
public record CachedRevision(
        Repo repo, boolean modelScope, Path repository, Path snapshot, List<String> names, Map<String, Content> files) {

    /**
     * A content.
     *
     * @param file where it lies
     * @param bytes its size, or -1 if it is not there
     * @param hash what it must have, or null where nothing says so
     */
    public record Content(Path file, long bytes, @Nullable String hash) {}

    /** The commit, or of ModelScope the branch or tag. */
    public String revision() {
        return String.valueOf(snapshot.getFileName());
    }

    /** As commands take it. */
    public String name() {
        return (modelScope ? "modelscope:" : "") + repo.id();
    }

    /** Of all files. */
    public long bytes() {
        return files.values().stream()
                .mapToLong(file -> Math.max(0, file.bytes()))
                .sum();
    }

    /** The folder of all repositories. */
    Path cache() {
        Path folder = Objects.requireNonNull(repository.getParent(), "a cache");
        return modelScope ? Objects.requireNonNull(folder.getParent(), "a cache") : folder;
    }

    /**
     * Keeps files of its repository from being fetched.
     *
     * @throws io.github.peft4j.models.hub.internal.http.HubException.Refusal if that is under way
     */
    FetchLocks lock() throws IOException {
        return modelScope ? FetchLocks.inModelScopeCache(cache(), repo) : FetchLocks.inCache(cache(), repo);
    }

    /** Whether a text names it: by its commit, the beginning of that, or another name. */
    boolean isAt(String text) {
        return names.contains(text)
                || (text.length() > 4 && revision().startsWith(text))
                || revision().equals(text);
    }
}
