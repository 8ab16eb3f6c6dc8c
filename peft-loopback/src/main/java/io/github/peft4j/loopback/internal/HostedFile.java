package io.github.peft4j.loopback.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of a repository.
 *
 * @param path its name there
 * @param content all of it
 * @param large whether it lies on the other host, as files under Git LFS do
 */
public record HostedFile(String path, byte[] content, boolean large) {

    /** SHA-256, by which large files are known. */
    public String sha256() {
        return hash("SHA-256", content);
    }

    /** The hash of Git's blob, by which small files are known. */
    public String blob() {
        byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + content.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return hash("SHA-1", all);
    }

    /** What the cache calls its content. */
    public String etag() {
        return large ? sha256() : blob();
    }

    static String hash(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
