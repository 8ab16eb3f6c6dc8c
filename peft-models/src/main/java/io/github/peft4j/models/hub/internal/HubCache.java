package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.hub.internal.fetch.Fetch;
import io.github.peft4j.models.hub.internal.fetch.Repo;
import io.github.peft4j.models.hub.internal.fetch.Selection;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What has been downloaded to this machine, by us or by the hubs' Python clients: of Hugging Face {@code models--OWNER--NAME/snapshots/COMMIT}, with names of
 * commits in {@code refs}; of ModelScope {@code models/OWNER--NAME/snapshots/REVISION}, or {@code models/OWNER/NAME}, as it was before its version 1.38. Read
 * only. Immutable.
 *
 * @param environment says where it lies
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">Hugging Face's layout</a>
 */
public record HubCache(HubEnvironment environment) {

    /** Bytes of a file that names a commit. */
    private static final int LONGEST_NAME = 1 << 10;

    private static final JsonLimits TREE = JsonLimits.ofBytes(128 << 20).withParts(8_000_000);

    /** Where Hugging Face's lies; perhaps there is nothing yet. */
    public Path folder() {
        return environment.huggingFaceCache();
    }

    /** Where that of a hub lies. */
    Path folder(HubName.Where where) {
        return where == HubName.Where.MODELSCOPE ? environment.modelScopeCache() : folder();
    }

    /**
     * The snapshot of a repository, or null if there is none. Without a revision it is that of the usual branch, or the only one.
     *
     * @throws CheckpointException if the cache cannot be read
     */
    public @Nullable Path find(HubName name, Repo repo) throws CheckpointException {
        Path root = folder(name.where());
        Path repository = root.resolve(repo.folderName());
        try {
            if (name.where() == HubName.Where.MODELSCOPE) {
                return inModelScope(name, repo, root);
            }
            boolean nameless = name.revision() == null
                    && !Files.exists(repository.resolve("refs").resolve("main"));
            return nameless ? only(repository.resolve("snapshots")) : named(repository, name.revisionOrUsual());
        } catch (IOException e) {
            throw new CheckpointException("cannot read the hub cache at " + repository + ": " + FileProblem.of(e), e);
        }
    }

    private static @Nullable Path named(Path repository, String revision) throws IOException {
        Path snapshots = repository.resolve("snapshots");
        Path reference = repository.resolve("refs").resolve(revision);
        String commit = Files.isRegularFile(reference)
                ? InputFile.text(reference, LONGEST_NAME).strip()
                : revision;
        Path snapshot = snapshots.resolve(commit).normalize();
        return snapshots.equals(snapshot.getParent()) && Files.isDirectory(snapshot) ? snapshot : null;
    }

    /** The snapshot of a model that was downloaded by commit, without a name. */
    private static @Nullable Path only(Path snapshots) throws IOException {
        if (!Files.isDirectory(snapshots)) {
            return null;
        }
        try (Stream<Path> all = Files.list(snapshots)) {
            List<Path> folders = all.filter(Files::isDirectory).toList();
            return folders.size() == 1 ? folders.get(0) : null;
        }
    }

    private static @Nullable Path inModelScope(HubName name, Repo repo, Path root) throws IOException {
        Path snapshot = Fetch.modelScopeSnapshot(root, repo, name.revisionOrUsual());
        if (Files.isDirectory(snapshot)) {
            return snapshot;
        }
        if (name.revision() == null) {
            @Nullable Path only = only(snapshot.resolveSibling("."));
            if (only != null) {
                return only;
            }
            String old = repo.id().replaceFirst("/.*", "/")
                    + repo.id().replaceFirst(".*/", "").replace(".", "___");
            for (String above : List.of("", "hub/")) {
                Path folder = root.resolve(above + repo.kind().plural()).resolve(old);
                if (Files.isDirectory(folder)) {
                    return folder;
                }
            }
        }
        return null;
    }

    /** Whether a snapshot has all that is wanted of it, as far as the cache can tell. */
    boolean isWhole(Path snapshot, Selection selection) throws CheckpointException {
        @Nullable Set<String> listed = listed(snapshot);
        return selection.isWhole(listed == null ? filesIn(snapshot) : listed, listed != null, snapshot);
    }

    /** The names of all files that the repository has, if the Python client has left a list. */
    private static @Nullable Set<String> listed(Path snapshot) throws CheckpointException {
        Path list = snapshot.resolveSibling("..")
                .resolve("trees")
                .resolve(snapshot.getFileName() + ".json")
                .normalize();
        @Nullable Map<String, @Nullable Object> json = InputFile.jsonIfPresent(list, TREE);
        return json != null && json.get("files") instanceof Map<?, ?> files
                ? new TreeSet<>(files.keySet().stream().map(String::valueOf).toList())
                : null;
    }

    /** The names of the files in a folder, as repositories have them. */
    static Set<String> filesIn(Path folder) throws CheckpointException {
        Set<String> files = new TreeSet<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .forEach(
                            file -> files.add(folder.relativize(file).toString().replace('\\', '/')));
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new CheckpointException("cannot read " + folder + ": " + e.getMessage(), e);
        }
        return files;
    }
}
