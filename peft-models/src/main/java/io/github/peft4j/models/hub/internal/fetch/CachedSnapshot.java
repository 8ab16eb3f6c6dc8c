package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot in Hugging Face's cache: contents in {@code blobs}, by their hash, and links to them in {@code snapshots/COMMIT}. Where there can be no links, the
 * content itself lies there.
 *
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">the layout</a>
 */
final class CachedSnapshot implements Place {

    /** What the Python libraries ask for and remember the lack of, so that they ask once. */
    private static final List<String> OPTIONAL =
            List.of("adapter_config.json", "chat_template.jinja", "chat_template.json", "generation_config.json");

    private static final String TAG = "Signature: 8a477f597d28d172789f06886806bc55\n"
            + "# This file is a cache directory tag created by huggingface_hub.\n"
            + "# For information about cache directory tags, see:\n"
            + "#\thttps://bford.info/cachedir/\n";

    private final Path cache;
    private final Path repository;
    private final Path locks;
    private final Path snapshot;
    private final Listing listing;
    private final boolean links;
    private final boolean isModel;
    private final AtomicInteger kept = new AtomicInteger();

    /**
     * A snapshot of a repository.
     *
     * @param cache the whole cache
     * @param links whether to make links at all
     */
    CachedSnapshot(Path cache, Repo repo, Listing listing, boolean links) {
        this.cache = cache;
        this.repository = cache.resolve(repo.folderName());
        this.locks = locks(cache, repo);
        this.snapshot = repository.resolve("snapshots").resolve(listing.commit());
        this.listing = listing;
        this.links = links;
        this.isModel = repo.kind() == Repo.Kind.MODEL;
    }

    /** Where the locks of a repository lie. */
    static Path locks(Path cache, Repo repo) {
        return cache.resolve(".locks").resolve(repo.folderName());
    }

    @Override
    public Path folder() {
        return snapshot;
    }

    @Override
    public boolean has(RemoteFile file) throws IOException {
        Path named = snapshot.resolve(file.path());
        if (isWhole(named, file)) {
            return true;
        }
        if (file.etag() == null || !isWhole(blob(file), file)) {
            return false;
        }
        point(named, blob(file), false);
        return true;
    }

    private static boolean isWhole(Path path, RemoteFile file) throws IOException {
        return Files.isRegularFile(path) && (file.size() < 0 || Files.size(path) == file.size());
    }

    private Path blob(RemoteFile file) {
        return repository.resolve("blobs").resolve(Objects.requireNonNull(file.etag(), "a file that is described"));
    }

    @Override
    public Path incomplete(RemoteFile file) {
        Path blob = blob(file);
        return blob.resolveSibling(blob.getFileName() + ".incomplete");
    }

    @Override
    public Path lock(RemoteFile file) {
        return locks.resolve(file.etag() + ".lock");
    }

    @Override
    public void keep(RemoteFile file) throws IOException {
        Path blob = blob(file);
        Files.move(incomplete(file), blob, StandardCopyOption.REPLACE_EXISTING);
        point(snapshot.resolve(file.path()), blob, true);
        kept.incrementAndGet();
    }

    /** A name in the snapshot for a content. */
    private void point(Path name, Path blob, boolean fresh) throws IOException {
        @Nullable Path parent = name.getParent();
        if (parent == null) {
            throw new IOException("no file name: " + name);
        }
        Files.createDirectories(parent);
        if (Files.exists(name, LinkOption.NOFOLLOW_LINKS)) {
            // Leads to nothing, or to a content that was cut: anything else has been taken for the file.
            Files.delete(name);
        }
        if (links) {
            try {
                Files.createSymbolicLink(name, parent.relativize(blob));
                return;
            } catch (FileAlreadyExistsException e) {
                return;
            } catch (UnsupportedOperationException | FileSystemException e) {
                // No links here, or not for this user.
            }
        }
        if (fresh) {
            Files.move(blob, name, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.copy(blob, name, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void finish() throws IOException {
        if (!listing.revision().equals(listing.commit())) {
            Path reference = repository.resolve("refs").resolve(listing.revision());
            if (!Files.isRegularFile(reference) || !Files.readString(reference).equals(listing.commit())) {
                AtomicWrite.toFile(reference, listing.commit());
            }
        }
        if (kept.get() == 0) {
            return;
        }
        Path tag = cache.resolve("CACHEDIR.TAG");
        if (!Files.exists(tag)) {
            Files.writeString(tag, TAG);
        }
        if (!isModel) {
            return;
        }
        Path lacking = repository.resolve(".no_exist").resolve(listing.commit());
        for (String name : OPTIONAL) {
            if (!listing.files().containsKey(name) && !Files.exists(lacking.resolve(name))) {
                Files.createDirectories(lacking);
                Files.createFile(lacking.resolve(name));
            }
        }
    }
}
