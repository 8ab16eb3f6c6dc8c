package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.Patience;
import io.github.peft4j.models.internal.output.SharedLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the files of a repository that are wanted and not here yet, several at once.
 *
 * @param site the hub
 * @param repo the repository
 * @param threads files that come in at once
 * @param patience with connections that break off
 * @param listener is told how it goes
 */
public record Fetch(Site site, Repo repo, int threads, Patience patience, FetchListener listener) {

    /** Rounds of files that name others: an index, modules with an index each. */
    private static final int MOST_ROUNDS = 4;

    private static final double MIB = 1 << 20;

    /**
     * What was fetched.
     *
     * @param folder has the files by their names
     * @param files all that were wanted
     * @param bytes of all of these
     */
    public record Fetched(Path folder, Set<String> files, long bytes) {}

    /** Into Hugging Face's cache. */
    public Fetched intoCache(Path cache, Listing listing, Selection selection, boolean links) throws IOException {
        return into(new CachedSnapshot(cache, repo, listing, links), listing, selection);
    }

    /** Into ModelScope's cache. */
    public Fetched intoModelScopeCache(Path cache, Listing listing, Selection selection) throws IOException {
        return into(PlainFolder.inModelScopeCache(cache, repo, listing), listing, selection);
    }

    /** Where a revision lies in ModelScope's cache. */
    public static Path modelScopeSnapshot(Path cache, Repo repo, String revision) {
        return PlainFolder.modelScopeSnapshot(cache, repo, revision);
    }

    /** Into a folder of the user's. */
    public Fetched intoFolder(Path folder, Listing listing, Selection selection) throws IOException {
        return into(PlainFolder.of(folder), listing, selection);
    }

    private Fetched into(Place place, Listing listing, Selection selection) throws IOException {
        try {
            Set<String> before = new TreeSet<>();
            for (int round = 0; round < MOST_ROUNDS; round++) {
                Set<String> wanted = wanted(place, listing, selection);
                Set<String> fresh = new TreeSet<>(wanted);
                fresh.removeAll(before);
                if (fresh.isEmpty()) {
                    break;
                }
                List<RemoteFile> missing = missing(place, listing, fresh);
                // Weights last: whatever has them is whole.
                fetch(
                        place,
                        listing,
                        missing.stream().filter(file -> !isWeights(file)).toList());
                fetch(place, listing, missing.stream().filter(Fetch::isWeights).toList());
                before.addAll(wanted);
            }
            place.finish();
            long bytes = 0;
            for (String path : before) {
                bytes += Files.size(place.folder().resolve(path));
            }
            return new Fetched(place.folder(), before, bytes);
        } catch (java.nio.file.FileSystemException e) {
            throw new IOException("cannot write " + e.getFile() + ": " + FileProblem.of(e), e);
        } finally {
            listener.ended();
        }
    }

    private static boolean isWeights(RemoteFile file) {
        return file.path().matches(".*\\.(safetensors|bin)");
    }

    private Set<String> wanted(Place place, Listing listing, Selection selection) throws IOException {
        Set<String> wanted;
        try {
            wanted = selection.wanted(listing.files().keySet(), place.folder());
        } catch (HubException.Refusal e) {
            throw new HubException.Refusal(repo.id() + " at " + site.endpoint() + ": " + e.getMessage());
        }
        FileNames.check(repo.id(), wanted);
        Set<String> lacking = new TreeSet<>(wanted);
        lacking.removeAll(listing.files().keySet());
        if (!lacking.isEmpty()) {
            throw new HubException.Refusal(repo.id() + " at " + site.endpoint()
                    + " is incomplete: its index or list of modules names files that it lacks: "
                    + String.join(", ", lacking));
        }
        return wanted;
    }

    private List<RemoteFile> missing(Place place, Listing listing, Set<String> paths) throws IOException {
        List<RemoteFile> missing = new ArrayList<>();
        for (String path : paths) {
            RemoteFile file = site.described(
                    repo,
                    listing,
                    java.util.Objects.requireNonNull(listing.files().get(path)));
            if (!place.has(file)) {
                missing.add(file);
            }
        }
        return missing;
    }

    private void fetch(Place place, Listing listing, List<RemoteFile> files) throws IOException {
        if (files.isEmpty()) {
            return;
        }
        makeRoom(place, files);
        listener.planned(
                files.size(), files.stream().mapToLong(RemoteFile::size).sum());
        ExecutorService workers = Executors.newFixedThreadPool(Math.min(threads, files.size()), work -> {
            Thread thread = new Thread(work, "peft4j-fetch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            ExecutorCompletionService<@Nullable Void> done = new ExecutorCompletionService<>(workers);
            for (RemoteFile file : files) {
                done.submit(() -> one(place, listing, file));
            }
            for (int i = 0; i < files.size(); i++) {
                Future<@Nullable Void> next = done.take();
                next.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        } finally {
            stop(workers);
        }
    }

    private static IOException rethrown(@Nullable Throwable cause) {
        if (cause instanceof IOException problem) {
            return problem;
        }
        throw new IllegalStateException(cause);
    }

    /** Nothing is written any more when this returns. */
    private static void stop(ExecutorService workers) {
        workers.shutdownNow();
        boolean interrupted = Thread.interrupted();
        try {
            if (!workers.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a download does not end");
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable Void one(Place place, Listing listing, RemoteFile file) throws IOException {
        Path incomplete = place.incomplete(file);
        @Nullable Path parent = incomplete.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try (SharedLock lock = SharedLock.take(
                place.lock(file),
                () -> listener.note("another process is fetching " + file.path() + ": waiting for it"))) {
            if (place.has(file)) {
                listener.arrived(file.size());
                return null;
            }
            new FileFetch(site, repo, listing, file, patience, listener).into(incomplete);
            place.keep(file);
        }
        return null;
    }

    /** Looks whether all will fit, before hours are spent. */
    private void makeRoom(Place place, List<RemoteFile> files) throws IOException {
        long needed = 0;
        for (RemoteFile file : files) {
            needed += Math.max(0, file.size() - FileFetch.left(place.incomplete(file)));
        }
        Path existing = place.folder().toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        long free = Files.getFileStore(existing).getUsableSpace();
        if (free > 0 && needed > free) {
            throw new HubException.Refusal(String.format(
                    Locale.ROOT,
                    "%s needs %,.0f MiB, and where %s lies only %,.0f MiB are free: free some, or choose another place",
                    repo.id(),
                    needed / MIB,
                    existing,
                    free / MIB));
        }
    }
}
