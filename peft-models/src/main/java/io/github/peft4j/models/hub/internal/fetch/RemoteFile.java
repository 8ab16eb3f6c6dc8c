package io.github.peft4j.models.hub.internal.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A file of a repository, as the hub describes it.
 *
 * @param path its name there
 * @param size bytes, or -1 if the hub has not said
 * @param etag what its content is known by: the hash, where there is one; null if the hub has not said
 * @param hash what kind of hash that is
 */
public record RemoteFile(String path, long size, @Nullable String etag, Hash hash) {

    /** Hashes that hubs know files by. */
    public enum Hash {
        /** Of the content. */
        SHA256,
        /** Of the content behind Git's head, which has its size. */
        GIT_BLOB,
        /** None. */
        NONE;

        /** One that has seen nothing of the content yet. */
        MessageDigest begin(long size) {
            try {
                MessageDigest digest = MessageDigest.getInstance(this == GIT_BLOB ? "SHA-1" : "SHA-256");
                if (this == GIT_BLOB) {
                    digest.update(("blob " + size + "\0").getBytes(StandardCharsets.UTF_8));
                }
                return digest;
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform has SHA-1 and SHA-256", e);
            }
        }

        /** That of a file on disk, in hexadecimal digits. */
        public String of(Path file) throws IOException {
            MessageDigest digest = begin(Files.size(file));
            byte[] buffer = new byte[1 << 20];
            try (InputStream in = Files.newInputStream(file)) {
                for (int count; (count = in.read(buffer)) >= 0; ) {
                    digest.update(buffer, 0, count);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        }

        /** What kind of hash a text is, by its form. */
        public static Hash of(@Nullable String etag) {
            if (etag == null || !etag.matches("[0-9a-f]{40}|[0-9a-f]{64}")) {
                return NONE;
            }
            return etag.length() == 64 ? SHA256 : GIT_BLOB;
        }
    }

    /** Whether size and content are known before anything is fetched. */
    boolean known() {
        return size >= 0 && etag != null;
    }
}
