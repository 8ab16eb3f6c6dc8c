package io.github.peft4j.models.hub.internal.cache;

import io.github.peft4j.models.hub.internal.fetch.Repo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that the caches of both hubs have, whoever downloaded it.
 *
 * @param huggingFace Hugging Face's cache, which need not exist
 * @param modelScope ModelScope's cache, which need not exist
 */
public record CacheContents(Path huggingFace, Path modelScope) {

    private static final Pattern FOLDER = Pattern.compile("(models|datasets)--(.+)");

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /**
     * Every revision of every repository.
     *
     * @throws IOException if a cache cannot be read
     */
    public List<CachedRevision> all() throws IOException {
        List<CachedRevision> all = new ArrayList<>();
        for (Path folder : folders(huggingFace)) {
            Matcher name = FOLDER.matcher(String.valueOf(folder.getFileName()));
            if (name.matches()) {
                add(all, repo(name.group(1), name.group(2)), folder, false);
            }
        }
        for (Repo.Kind kind : Repo.Kind.values()) {
            for (Path folder : folders(modelScope.resolve(kind.plural()))) {
                if (Files.isDirectory(folder.resolve("snapshots"))) {
                    add(all, repo(kind.plural(), String.valueOf(folder.getFileName())), folder, true);
                }
            }
        }
        return all;
    }

    private static Repo repo(String kind, String dashed) {
        return new Repo(kind.equals("models") ? Repo.Kind.MODEL : Repo.Kind.DATASET, dashed.replaceFirst("--", "/"));
    }

    private static void add(List<CachedRevision> all, Repo repo, Path folder, boolean modelScope) throws IOException {
        Map<String, List<String>> names = names(folder.resolve("refs"));
        for (Path snapshot : folders(folder.resolve("snapshots"))) {
            String revision = String.valueOf(snapshot.getFileName());
            all.add(new CachedRevision(
                    repo, modelScope, folder, snapshot, names.getOrDefault(revision, List.of()), files(snapshot)));
        }
    }

    private static List<Path> folders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).sorted().toList();
        }
    }

    /** Names of each commit. */
    private static Map<String, List<String>> names(Path references) throws IOException {
        Map<String, List<String>> names = new TreeMap<>();
        for (Path file : filesBelow(references)) {
            String name = references.relativize(file).toString().replace('\\', '/');
            names.computeIfAbsent(Files.readString(file).strip(), commit -> new ArrayList<>())
                    .add(name);
        }
        return names;
    }

    /** Files and links; not what links lead to. */
    static List<Path> filesBelow(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        }
    }

    private static Map<String, CachedRevision.Content> files(Path snapshot) throws IOException {
        Map<String, CachedRevision.Content> files = new TreeMap<>();
        for (Path file : filesBelow(snapshot)) {
            String name = snapshot.relativize(file).toString().replace('\\', '/');
            files.put(name, content(file));
        }
        return files;
    }

    private static CachedRevision.Content content(Path file) throws IOException {
        Path target = Files.isSymbolicLink(file)
                ? file.resolveSibling(Files.readSymbolicLink(file)).normalize()
                : file;
        String name = String.valueOf(target.getFileName());
        @Nullable String hash = !target.equals(file) && HASH.matcher(name).matches() ? name : null;
        try {
            return new CachedRevision.Content(target, Files.size(target), hash);
        } catch (NoSuchFileException e) {
            return new CachedRevision.Content(target, -1, hash);
        }
    }
}
