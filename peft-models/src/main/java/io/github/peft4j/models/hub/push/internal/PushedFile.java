package io.github.peft4j.models.hub.push.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A file as it is to be in a repository.
 *
 * @param path its name there, with {@code /} between the parts
 * @param content its bytes
 */
public record PushedFile(String path, Content content) {

    /** How many bytes the hub sees before it says how a file is sent. */
    static final int SAMPLE = 512;

    private static final int BUFFER = 1 << 16;

    /** What the hub itself keeps. */
    private static final Pattern FORBIDDEN = Pattern.compile("(?:.*/)?(?:|\\.{1,2}|\\.git|\\.cache)(?:/.*)?");

    /**
     * A file.
     *
     * @throws IllegalArgumentException if the hub cannot have one of this name
     */
    public PushedFile {
        if (FORBIDDEN.matcher(path).matches() || path.chars().anyMatch(c -> c == '\\' || Character.isISOControl(c))) {
            throw new IllegalArgumentException("a repository can hold no file named \"" + path + "\"");
        }
    }

    /** How many bytes it has. */
    public long size() {
        return content.size();
    }

    /** Its first bytes. */
    byte[] sample() throws IOException {
        try (InputStream in = content.open(0)) {
            return in.readNBytes(SAMPLE);
        }
    }

    /** The name that Git LFS gives its content: SHA-256, in hexadecimal digits. */
    String sha256() throws IOException {
        return digest(digest("SHA-256"));
    }

    /** The name that Git gives its content. */
    String gitHash() throws IOException {
        MessageDigest digest = digest("SHA-1");
        digest.update(("blob " + size() + "\0").getBytes(StandardCharsets.UTF_8));
        return digest(digest);
    }

    private String digest(MessageDigest digest) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = content.open(0)) {
            for (int read; (read = in.read(buffer)) >= 0; ) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
