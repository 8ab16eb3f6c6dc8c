package io.github.peft4j.loopback.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes large files by the batch interface of Git LFS, at once or in parts, on the other host; who writes there needs a signature and no token. */
final class LargeFileStore {

    private static final Pattern ADDRESS = Pattern.compile("/\\w+/([0-9a-f]{64})(?:/(\\d+))?(?:\\?.*)?");

    private static final String SIGNATURE = "?signature=secret";

    private final LoopbackHub hub;
    private final Map<String, byte[]> store = new LinkedHashMap<>();
    private final Map<String, Map<Integer, byte[]>> parts = new LinkedHashMap<>();
    private int partBytes = Integer.MAX_VALUE;
    private int lost;

    LargeFileStore(LoopbackHub hub) {
        this.hub = hub;
    }

    /** Takes what is larger in parts of so many bytes. */
    void inPartsOf(int bytes) {
        partBytes = bytes;
    }

    /** Loses the next so many uploads when they have arrived. */
    void lose(int count) {
        lost = count;
    }

    /** A file's content by its hash, or null. */
    synchronized byte @Nullable [] content(String hash) {
        return store.get(hash);
    }

    private static String hash(String path) {
        Matcher address = ADDRESS.matcher(path);
        return address.matches() ? address.group(1) : "";
    }

    /** Says whether a file has arrived. */
    synchronized Answer verify(String path, Map<?, ?> asked) {
        byte[] there = store.get(hash(path));
        return there != null && Long.valueOf(there.length).equals(asked.get("size"))
                ? Answer.json(Map.of("success", true))
                : Answer.problem(422, "BadUpload", "It has not arrived well.");
    }

    /** Says where files are to be sent that are not there. */
    synchronized Answer batch(Map<?, ?> asked) {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (Object each : (List<?>) Objects.requireNonNull(asked.get("objects"))) {
            String hash = String.valueOf(((Map<?, ?>) each).get("oid"));
            long size = (Long) Objects.requireNonNull(((Map<?, ?>) each).get("size"));
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("oid", hash);
            told.put("size", size);
            if (!store.containsKey(hash)) {
                Map<String, Object> verify = Map.of("href", hub.endpoint() + "/verify/" + hash);
                told.put("actions", Map.of("upload", upload(hash, size), "verify", verify));
            }
            objects.add(told);
        }
        return Answer.json(Map.of("transfer", "basic", "objects", objects));
    }

    private Map<String, Object> upload(String hash, long size) {
        String address = hub.storeAddress() + "/upload/" + hash;
        if (size <= partBytes) {
            return Map.of("href", address + SIGNATURE);
        }
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("chunk_size", String.valueOf(partBytes));
        for (int i = 1; (i - 1L) * partBytes < size; i++) {
            header.put(String.format(Locale.ROOT, "%05d", i), address + "/" + i + SIGNATURE);
        }
        return Map.of("href", hub.endpoint() + "/complete/" + hash + SIGNATURE, "header", header);
    }

    /** Takes a file, or a part of one. */
    synchronized @Nullable Answer stored(LoopbackHub.Seen request) throws IOException {
        Matcher asked = ADDRESS.matcher(request.path());
        if (!request.method().equals("PUT")
                || !asked.matches()
                || !request.path().endsWith(SIGNATURE)) {
            return null;
        }
        if (lost > 0) {
            lost--;
            throw new IOException("lost on the way");
        }
        String hash = asked.group(1);
        if (asked.group(2) != null) {
            parts.computeIfAbsent(hash, key -> new TreeMap<>()).put(Integer.valueOf(asked.group(2)), request.body());
        } else if (!hash.equals(HostedFile.hash("SHA-256", request.body()))) {
            return Answer.problem(400, "BadDigest", "The content is another one");
        } else {
            store.put(hash, request.body());
        }
        return new Answer(200, Map.of("ETag", "\"" + HostedFile.hash("SHA-1", request.body()) + "\""), new byte[0]);
    }

    /** Joins the parts of a file that have arrived. */
    synchronized Answer complete(String path, Map<?, ?> asked) throws IOException {
        String hash = hash(path);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        List<?> told = (List<?>) Objects.requireNonNull(asked.get("parts"));
        for (Map.Entry<Integer, byte[]> part :
                parts.getOrDefault(hash, Map.of()).entrySet()) {
            Map<?, ?> confirmed = (Map<?, ?>) told.get(part.getKey() - 1);
            if (!("\"" + HostedFile.hash("SHA-1", part.getValue()) + "\"").equals(confirmed.get("etag"))) {
                return Answer.problem(400, "BadPart", "Part " + part.getKey() + " has another ETag");
            }
            all.write(part.getValue());
        }
        if (!hash.equals(HostedFile.hash("SHA-256", all.toByteArray()))) {
            return Answer.problem(400, "BadDigest", "The content is another one");
        }
        store.put(hash, all.toByteArray());
        return Answer.json(Map.of());
    }
}
