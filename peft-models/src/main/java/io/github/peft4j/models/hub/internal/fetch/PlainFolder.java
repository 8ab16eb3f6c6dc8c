package io.github.peft4j.models.hub.internal.fetch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A folder with files under their own names: a snapshot of ModelScope's cache, or one that the user named. A file of the right size is read through once to see
 * whether it is the right one, since nothing else says so.
 */
final class PlainFolder implements Place {

    private final Path folder;
    private final Path locks;
    private final String key;
    private final Set<RemoteFile> seen = ConcurrentHashMap.newKeySet();

    private PlainFolder(Path folder, Path locks, String key) {
        this.folder = folder;
        this.locks = locks;
        this.key = key;
    }

    /** A snapshot in ModelScope's cache, with the locks of its Python client. */
    static PlainFolder inModelScopeCache(Path cache, Repo repo, Listing listing) {
        return new PlainFolder(
                modelScopeSnapshot(cache, repo, listing.revision()), cache.resolve(".lock"), modelScopeKey(repo));
    }

    /** The lock of a file in ModelScope's cache, whatever the revision. */
    static Path modelScopeLock(Path cache, Repo repo, String path) {
        return lock(cache.resolve(".lock"), modelScopeKey(repo), path);
    }

    private static String modelScopeKey(Repo repo) {
        return "modelscope-hub-download-lock-v2\0file\0" + repo.kind().word() + "\0" + repo.id() + "\0";
    }

    /** Where a revision lies in ModelScope's cache. */
    static Path modelScopeSnapshot(Path cache, Repo repo, String revision) {
        return cache.resolve(repo.kind().plural())
                .resolve(repo.dashed())
                .resolve("snapshots")
                .resolve(revision);
    }

    /** A folder of the user's. */
    static PlainFolder of(Path folder) {
        return new PlainFolder(
                folder, folder.resolve(".cache").resolve("huggingface").resolve("download"), "");
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public boolean has(RemoteFile file) throws IOException {
        Path path = folder.resolve(file.path());
        if (seen.contains(file)) {
            return true;
        }
        boolean whole = Files.isRegularFile(path)
                && Files.size(path) == file.size()
                && (file.hash() == RemoteFile.Hash.NONE || file.hash().of(path).equals(file.etag()));
        if (whole) {
            seen.add(file);
        }
        return whole;
    }

    @Override
    public Path incomplete(RemoteFile file) {
        Path path = folder.resolve(file.path());
        return path.resolveSibling(path.getFileName() + ".incomplete");
    }

    @Override
    public Path lock(RemoteFile file) {
        return lock(locks, key, file.path());
    }

    private static Path lock(Path locks, String key, String path) {
        byte[] text = (key + path).getBytes(StandardCharsets.UTF_8);
        String name = HexFormat.of().formatHex(RemoteFile.Hash.SHA256.begin(0).digest(text));
        return locks.resolve("file_" + name + ".lock");
    }

    @Override
    public void keep(RemoteFile file) throws IOException {
        Files.move(incomplete(file), folder.resolve(file.path()), StandardCopyOption.REPLACE_EXISTING);
        seen.add(file);
    }

    @Override
    public void finish() {
        // The files are all there is.
    }
}
