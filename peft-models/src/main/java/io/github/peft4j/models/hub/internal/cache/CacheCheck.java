package io.github.peft4j.models.hub.internal.cache;

import io.github.peft4j.models.hub.internal.fetch.RemoteFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads contents through and compares their hashes with what they are known by. A content that several revisions share is read once. */
public final class CacheCheck {

    private final Map<Path, String> found = new HashMap<>();

    /**
     * What came of a revision.
     *
     * @param checked files whose hash is right
     * @param unknown files of which nothing says what hash they must have
     * @param damaged a sentence for each file that is not what it was
     */
    public record Result(int checked, int unknown, List<String> damaged) {}

    /**
     * Checks a revision.
     *
     * @throws IOException if a file cannot be read
     */
    public Result check(CachedRevision revision) throws IOException {
        int checked = 0;
        int unknown = 0;
        List<String> damaged = new ArrayList<>();
        for (Map.Entry<String, CachedRevision.Content> entry : revision.files().entrySet()) {
            CachedRevision.Content content = entry.getValue();
            String hash = content.hash();
            if (content.bytes() < 0) {
                damaged.add(entry.getKey() + " is a link to " + content.file() + ", which is not there");
            } else if (hash == null) {
                unknown++;
            } else {
                String now = hash(content.file(), hash);
                if (now.equals(hash)) {
                    checked++;
                } else {
                    damaged.add(entry.getKey() + " (" + content.file() + ") has the hash " + now);
                }
            }
        }
        return new Result(checked, unknown, damaged);
    }

    private String hash(Path file, String like) throws IOException {
        String known = found.get(file);
        if (known == null) {
            known = RemoteFile.Hash.of(like).of(file);
            found.put(file, known);
        }
        return known;
    }
}
