package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.output.SharedLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Locks of all files of a repository that somebody has fetched into a cache: while they are held, none of these comes in. A file whose fetching begins only then,
 * with a lock that was not there yet, is not kept from coming.
 */
public final class FetchLocks implements AutoCloseable {

    private final List<SharedLock> held = new ArrayList<>();

    private FetchLocks() {}

    /**
     * Takes those of a repository in Hugging Face's cache, without waiting.
     *
     * @throws HubException.Refusal if a file is being fetched
     */
    public static FetchLocks inCache(Path cache, Repo repo) throws IOException {
        Path folder = CachedSnapshot.locks(cache, repo);
        if (!Files.isDirectory(folder)) {
            return new FetchLocks();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return take(
                    repo,
                    files.filter(file -> file.toString().endsWith(".lock"))
                            .sorted()
                            .toList());
        }
    }

    /**
     * Takes those of a repository in ModelScope's cache, without waiting.
     *
     * @throws HubException.Refusal if a file is being fetched
     */
    public static FetchLocks inModelScopeCache(Path cache, Repo repo) throws IOException {
        Path snapshots = PlainFolder.modelScopeSnapshot(cache, repo, "").toAbsolutePath();
        if (!Files.isDirectory(snapshots)) {
            return new FetchLocks();
        }
        try (Stream<Path> files = Files.walk(snapshots)) {
            return take(
                    repo,
                    files.filter(Files::isRegularFile)
                            .map(snapshots::relativize)
                            // Behind the revision's folder.
                            .filter(file -> file.getNameCount() > 1)
                            .map(file -> file.subpath(1, file.getNameCount()).toString())
                            .map(name -> name.replace('\\', '/').replaceFirst("\\.incomplete$", ""))
                            .map(name -> PlainFolder.modelScopeLock(cache, repo, name))
                            .distinct()
                            .filter(Files::exists)
                            .sorted()
                            .toList());
        }
    }

    private static FetchLocks take(Repo repo, List<Path> files) throws IOException {
        FetchLocks locks = new FetchLocks();
        boolean all = false;
        try {
            for (Path file : files) {
                SharedLock lock = SharedLock.tryTake(file);
                if (lock == null) {
                    throw new HubException.Refusal(repo.id()
                            + " is being downloaded by another process, which has the lock " + file
                            + ": try again when that has ended");
                }
                locks.held.add(lock);
            }
            all = true;
            return locks;
        } finally {
            if (!all) {
                locks.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (SharedLock lock : held) {
            lock.close();
        }
    }
}
