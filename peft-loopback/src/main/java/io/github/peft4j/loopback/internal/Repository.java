package io.github.peft4j.loopback.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A repository of the hub: one commit, under the name {@code main} (and {@code master}, as ModelScope calls it). Not safe for concurrent changes. */
public final class Repository {

    private final String id;
    private final Map<String, HostedFile> files = new TreeMap<>();
    private final Map<String, String> names = new LinkedHashMap<>();
    private @Nullable String gate;
    private @Nullable String token;

    Repository(String id) {
        this.id = id;
    }

    /** {@code OWNER/NAME}. */
    public String id() {
        return id;
    }

    /** Adds a small file, or replaces it. */
    public Repository file(String path, String content) {
        return file(new HostedFile(path, content.getBytes(StandardCharsets.UTF_8), false));
    }

    /** Adds a file that lies on the other host. */
    public Repository large(String path, byte[] content) {
        return file(new HostedFile(path, content, true));
    }

    /** Adds a file, or replaces it. */
    public Repository file(HostedFile file) {
        files.put(file.path(), file);
        return this;
    }

    /** Adds all files of a folder; what holds weights or data is large. */
    public Repository folder(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(file).toString().replace('\\', '/');
                boolean large = name.matches(".*\\.(safetensors|bin|parquet|arrow)");
                file(new HostedFile(name, Files.readAllBytes(file), large));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Another name of the commit: a tag or a branch. */
    public Repository tag(String name) {
        names.put(name, commit());
        return this;
    }

    /** Shows it to those alone who have a token. */
    public Repository privateTo(String owner) {
        token = owner;
        return this;
    }

    /** Gives files to nobody until they accept conditions. */
    public Repository gated() {
        gate = "Access to model " + id + " is restricted and you are not in the authorized list.";
        return this;
    }

    /** All files by path. */
    public Map<String, HostedFile> files() {
        return files;
    }

    /** The commit: it follows from the content. */
    public String commit() {
        StringBuilder all = new StringBuilder(id);
        files.values().forEach(file -> all.append('\n').append(file.path()).append(file.etag()));
        return HostedFile.hash("SHA-1", all.toString().getBytes(StandardCharsets.UTF_8));
    }

    boolean has(String revision) {
        return revision.equals(commit())
                || revision.equals("main")
                || revision.equals("master")
                || commit().equals(names.get(revision));
    }

    @Nullable
    String gate() {
        return gate;
    }

    boolean hiddenFrom(@Nullable String authorization) {
        return token != null && !("Bearer " + token).equals(authorization);
    }
}
