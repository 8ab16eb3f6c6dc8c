package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.HubRequest;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One commit of some files: a line of JSON for what it is, and one for each file, small ones with their content.
 *
 * @param parent the commit that it follows: if there is another by now, the hub refuses
 */
record Commit(PushTarget target, String message, String parent, List<PlannedFile> files) {

    /** Files within a commit may have that many bytes together, since all of it is in memory at once. */
    private static final long MOST_BYTES = 64L << 20;

    private static final String LINES = "application/x-ndjson";

    /**
     * What was made of it.
     *
     * @param commit its hash
     * @param pullRequest where it is proposed, or null
     */
    record Made(String commit, @Nullable String pullRequest) {}

    /**
     * Checks that it can be sent.
     *
     * @throws HubException if it is too large
     */
    void requireSendable() throws HubException {
        long small = files.stream()
                .filter(file -> !file.large())
                .mapToLong(file -> file.file().size())
                .sum();
        if (small > MOST_BYTES) {
            throw new HubException("the hub wants files of " + small + " bytes within one commit, which may have "
                    + MOST_BYTES + ": push fewer files at once");
        }
    }

    /**
     * Sends it, once.
     *
     * @throws IOException if there was no answer, so that it is not known whether it was made
     */
    HubApi.Reply send(HubApi api) throws IOException {
        return api.send(HubRequest.post(target.change("commit"), LINES, lines()));
    }

    /** What the hub made of it. */
    Made made(HubApi.Reply reply) throws IOException {
        Map<?, ?> answer = reply.orRefused("commit to " + target.id()).object();
        return new Made(
                HubApi.text(answer, "commitOid"), target.pullRequest() ? HubApi.text(answer, "pullRequestUrl") : null);
    }

    private byte[] lines() throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("summary", message);
        header.put("description", "");
        header.put("parentCommit", parent);
        line(lines, "header", header);
        for (PlannedFile planned : files) {
            PushedFile file = planned.file();
            Map<String, Object> value = new LinkedHashMap<>();
            value.put("path", file.path());
            if (planned.large()) {
                value.put("algo", "sha256");
                value.put("oid", planned.hash());
                value.put("size", file.size());
            } else {
                value.put(
                        "content",
                        Base64.getEncoder().encodeToString(file.content().bytes()));
                value.put("encoding", "base64");
                file.content().requireUnchanged();
            }
            line(lines, planned.large() ? "lfsFile" : "file", value);
        }
        return lines.toByteArray();
    }

    private static void line(ByteArrayOutputStream lines, String key, Map<String, Object> value) {
        Map<String, Object> both = new LinkedHashMap<>();
        both.put("key", key);
        both.put("value", value);
        lines.writeBytes((JsonWriter.PYTHON.write(both) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
