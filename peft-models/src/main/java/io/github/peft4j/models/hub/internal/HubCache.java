package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Hugging Face's tools have downloaded to this machine: {@code models--ORG--NAME/snapshots/COMMIT}, with names of commits in
 * {@code refs}. Read only. Immutable.
 *
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">the layout</a>
 */
public final class HubCache {

    /** An id, with a revision if not main. */
    private static final Pattern ID = Pattern.compile("([\\w.-]+(?:/[\\w.-]+)?)(?:@([\\w./-]+))?");

    /** Bytes of a file that names a commit. */
    private static final int LONGEST_NAME = 1 << 10;

    private final Path folder;

    private HubCache(Path folder) {
        this.folder = folder;
    }

    /** The cache of the user whom this process belongs to. */
    public static HubCache ofUser() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * The cache that the environment names, in the order in which Hugging Face's tools look.
     *
     * @param environment variables by name
     * @param home the user's folder
     */
    public static HubCache of(Map<String, String> environment, Path home) {
        for (String hub : List.of("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) {
            if (!environment.getOrDefault(hub, "").isEmpty()) {
                return new HubCache(Path.of(environment.get(hub)));
            }
        }
        if (!environment.getOrDefault("HF_HOME", "").isEmpty()) {
            return new HubCache(Path.of(environment.get("HF_HOME"), "hub"));
        }
        String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path root = caches.isEmpty() ? home.resolve(".cache") : Path.of(caches);
        return new HubCache(root.resolve("huggingface").resolve("hub"));
    }

    /** Where it lies; perhaps there is nothing yet. */
    public Path folder() {
        return folder;
    }

    /** Whether text has the form of an id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches() && !text.startsWith(".") && !text.contains("..");
    }

    /**
     * The snapshot of an id, or null if there is none. Without a revision it is that of {@code main}, or the only one.
     *
     * @param id {@code ORG/NAME} or {@code ORG/NAME@REVISION}, with a branch, a tag or a commit
     * @throws CheckpointException if the cache cannot be read
     */
    public @Nullable Path find(String id) throws CheckpointException {
        Matcher parts = ID.matcher(id);
        if (!isId(id) || !parts.matches()) {
            return null;
        }
        Path repository = folder.resolve("models--" + parts.group(1).replace("/", "--"));
        Path snapshots = repository.resolve("snapshots");
        String revision = parts.group(2);
        boolean nameless =
                revision == null && !Files.exists(repository.resolve("refs").resolve("main"));
        return nameless ? only(snapshots) : named(repository, revision == null ? "main" : revision);
    }

    private static @Nullable Path named(Path repository, String revision) throws CheckpointException {
        Path snapshots = repository.resolve("snapshots");
        try {
            Path reference = repository.resolve("refs").resolve(revision);
            String commit = Files.isRegularFile(reference)
                    ? InputFile.text(reference, LONGEST_NAME).strip()
                    : revision;
            Path snapshot = snapshots.resolve(commit).normalize();
            return snapshots.equals(snapshot.getParent()) && Files.isDirectory(snapshot) ? snapshot : null;
        } catch (IOException e) {
            throw new CheckpointException("cannot read the hub cache at " + repository + ": " + FileProblem.of(e), e);
        }
    }

    /** The snapshot of a model that was downloaded by commit, without a name. */
    private static @Nullable Path only(Path snapshots) throws CheckpointException {
        if (!Files.isDirectory(snapshots)) {
            return null;
        }
        try (Stream<Path> all = Files.list(snapshots)) {
            List<Path> folders = all.filter(Files::isDirectory).toList();
            return folders.size() == 1 ? folders.get(0) : null;
        } catch (IOException e) {
            throw new CheckpointException("cannot read the hub cache at " + snapshots + ": " + FileProblem.of(e), e);
        }
    }
}
