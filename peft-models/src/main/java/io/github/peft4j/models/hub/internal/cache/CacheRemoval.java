package io.github.peft4j.models.hub.internal.cache;

import io.github.peft4j.models.hub.internal.fetch.FetchLocks;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Revisions that are to be removed, with what only they use. The store that the Python client shares among repositories is that
 * client's own, and stays.
 *
 * @param revisions those that go
 * @param contents what no other revision uses
 * @param bytes that are free afterwards
 */
public record CacheRemoval(List<CachedRevision> revisions, Set<Path> contents, long bytes) {

    /**
     * What removing a repository, or one of its revisions, comes to.
     *
     * @param all what the cache has
     * @param name the repository
     * @param revision a commit, the beginning of one, a branch or a tag; null for all
     */
    public static CacheRemoval of(List<CachedRevision> all, String name, @Nullable String revision) {
        List<CachedRevision> go = new ArrayList<>();
        Set<Path> used = new HashSet<>();
        for (CachedRevision each : all) {
            if (each.name().equals(name) && (revision == null || each.isAt(revision))) {
                go.add(each);
            } else {
                each.files().values().forEach(content -> used.add(content.file()));
            }
        }
        Set<Path> contents = new LinkedHashSet<>();
        long bytes = 0;
        for (CachedRevision each : go) {
            for (CachedRevision.Content content : each.files().values()) {
                if (!used.contains(content.file()) && contents.add(content.file())) {
                    boolean shared = Files.isSymbolicLink(content.file());
                    bytes += shared ? 0 : Math.max(0, content.bytes());
                }
            }
        }
        return new CacheRemoval(go, contents, bytes);
    }

    /**
     * Removes them: names first, so that whatever breaks off leaves nothing that looks whole.
     *
     * @throws io.github.peft4j.models.hub.internal.http.HubException.Refusal if files of a repository are being fetched; then all is as it was
     * @throws IOException if something cannot be removed
     */
    public void run() throws IOException {
        Map<Path, FetchLocks> locks = new LinkedHashMap<>();
        try {
            for (CachedRevision each : revisions) {
                if (!locks.containsKey(each.repository())) {
                    locks.put(each.repository(), each.lock());
                }
            }
            remove();
        } finally {
            for (FetchLocks each : locks.values()) {
                each.close();
            }
        }
    }

    private void remove() throws IOException {
        for (CachedRevision each : revisions) {
            for (String name : each.names()) {
                Files.deleteIfExists(each.repository().resolve("refs").resolve(name));
            }
            ClaimedFolder.remove(each.snapshot());
            ClaimedFolder.remove(each.repository().resolve(".no_exist").resolve(each.revision()));
            Files.deleteIfExists(each.repository().resolve("trees").resolve(each.revision() + ".json"));
        }
        for (Path content : contents) {
            Files.deleteIfExists(content);
        }
        for (CachedRevision each : revisions) {
            Path snapshots = each.repository().resolve("snapshots");
            boolean last = !Files.isDirectory(snapshots)
                    || CacheContents.filesBelow(snapshots).isEmpty();
            if (last && Files.isDirectory(each.repository(), LinkOption.NOFOLLOW_LINKS)) {
                // What is half fetched, too.
                ClaimedFolder.remove(each.repository());
                if (!each.modelScope()) {
                    ClaimedFolder.remove(
                            each.cache().resolve(".locks").resolve(each.repo().folderName()));
                }
            }
        }
    }
}
