package io.github.peft4j.training.data.content.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.LongStream;

/**
 * Tells a file's content from other content without reading all of it: by its size, and by its first, middle and last bytes. What a file's system says of
 * times is not asked, since a copy has others.
 */
public final class FileFingerprint {

    private static final int SAMPLE = 1 << 16;

    private FileFingerprint() {}

    /**
     * Size and SHA-256 of the samples.
     *
     * @throws IOException if the file cannot be read
     */
    public static String of(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long last = Math.max(0, size - SAMPLE);
            for (long start : LongStream.of(0, last / 2, last).distinct().toArray()) {
                ByteBuffer sample = ByteBuffer.allocate(SAMPLE);
                while (sample.hasRemaining() && channel.read(sample, start + sample.position()) >= 0) {
                    // A read may give less than was asked for.
                }
                digest.update(sample.flip());
            }
            return size + " bytes, sha256 of samples " + HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
