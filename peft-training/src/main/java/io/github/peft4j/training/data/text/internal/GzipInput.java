package io.github.peft4j.training.data.text.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The text of gzip, in one part or several. The JDK's own reader takes whatever follows the last part for nothing; here, as in Python, only
 * zeros are.
 */
final class GzipInput extends GZIPInputStream {

    private static final int BUFFER = 1 << 16;

    /** Bytes at the end of a part, which the JDK leaves in its buffer. */
    private static final int TRAILER = 8;

    private boolean ended;

    GzipInput(InputStream packed) throws IOException {
        super(packed, BUFFER);
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
        int read = super.read(to, offset, count);
        if (read < 0 && !ended) {
            ended = true;
            requireNothing();
        }
        return read;
    }

    private void requireNothing() throws IOException {
        int rest = 0;
        for (int i = len - inf.getRemaining() + TRAILER; i < len; i++) {
            rest |= buf[i];
        }
        for (int next = in.read(); next >= 0 && rest == 0; next = in.read()) {
            rest |= next;
        }
        if (rest != 0) {
            throw new ZipException("what follows the compressed text is no gzip");
        }
    }
}
