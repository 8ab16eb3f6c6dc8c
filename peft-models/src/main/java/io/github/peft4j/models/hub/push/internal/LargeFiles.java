package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Uploads what the hub keeps by Git LFS, several files at once. What it has already, of this repository or another, is not sent. */
final class LargeFiles {

    /** What Git LFS's own requests are. */
    private static final String LFS = "application/vnd.git-lfs+json";

    private static final int THREADS = 4;

    private final HubApi api;
    private final PushTarget target;
    private final FetchListener progress;

    LargeFiles(HubApi api, PushTarget target, FetchListener progress) {
        this.api = api;
        this.target = target;
        this.progress = progress;
    }

    /**
     * Uploads files, of which the hub then has every one.
     *
     * @return bytes that were sent
     * @throws IOException if one could not be sent; what has arrived stays there, and need not be sent again
     */
    long upload(List<PlannedFile> files) throws IOException {
        Map<String, PlannedFile> byHash = new LinkedHashMap<>();
        files.forEach(file -> byHash.putIfAbsent(file.hash(), file));
        List<LfsUpload> uploads = new ArrayList<>();
        for (List<PlannedFile> some : PlannedFile.groups(List.copyOf(byHash.values()))) {
            uploads.addAll(ask(some));
        }
        long all = uploads.stream().mapToLong(LfsUpload::size).sum();
        if (!uploads.isEmpty()) {
            progress.planned(uploads.size(), all);
            try {
                atOnce(uploads);
            } finally {
                progress.ended();
            }
        }
        return all;
    }

    /** What of it is to be sent, and where. */
    private List<LfsUpload> ask(List<PlannedFile> files) throws IOException {
        Map<String, PlannedFile> asked = new LinkedHashMap<>();
        files.forEach(file -> asked.put(file.hash(), file));
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("operation", "upload");
        request.put("transfers", List.of("basic", "multipart"));
        request.put(
                "objects",
                files.stream()
                        .map(file ->
                                Map.of("oid", file.hash(), "size", file.file().size()))
                        .toList());
        request.put("hash_algo", "sha256");
        request.put("ref", Map.of("name", target.revision()));
        HubRequest batch = lfs("/" + target.id() + ".git/info/lfs/objects/batch", request);
        List<LfsUpload> uploads = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Map<?, ?> object : HubApi.list(
                api.send(batch).orRefused("upload to " + target.id()).object(), "objects")) {
            PlannedFile file = asked.remove(HubApi.text(object, "oid"));
            if (file == null) {
                throw new HubException("the hub answers of a file that it was not asked about");
            }
            if (object.get("error") != null) {
                refused.add(file.file().path() + " ("
                        + HubApi.within(object, "error").get("message") + ")");
            } else if (object.get("actions") != null) {
                uploads.add(LfsUpload.of(api, file, HubApi.within(object, "actions")));
            }
        }
        asked.values().forEach(file -> refused.add(file.file().path() + " (no answer)"));
        if (!refused.isEmpty()) {
            throw new HubException("the hub does not take " + String.join(", ", refused));
        }
        return uploads;
    }

    /** A request as Git LFS has them. */
    static HubRequest lfs(String target, Map<String, ?> value) {
        return HubRequest.post(target, LFS, JsonWriter.PYTHON.write(value).getBytes(StandardCharsets.UTF_8))
                .with("Accept", LFS)
                .asRepeatable();
    }

    private void atOnce(List<LfsUpload> uploads) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(THREADS, uploads.size()), task -> {
            Thread thread = new Thread(task, "peft4j-upload");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<LfsUpload> running = new ExecutorCompletionService<>(threads);
            for (LfsUpload upload : uploads) {
                running.submit(() -> {
                    upload.send(api, progress::arrived);
                    return upload;
                });
            }
            for (int i = 0; i < uploads.size(); i++) {
                running.take().get();
            }
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            threads.shutdownNow();
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        if (cause instanceof RuntimeException unexpected) {
            throw unexpected;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof IOException known ? known : new IOException(cause);
    }
}
