package io.github.peft4j.models.hub.push.internal;

import io.github.peft4j.models.hub.internal.http.HubRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of a content on their way, told as they leave. Of what is sent again, what had left before is told as a negative number. The caller closes it when
 * there is an answer.
 */
final class Sending implements HubRequest.Body, AutoCloseable {

    private final Content content;
    private final long from;
    private final long length;
    private final LongConsumer told;
    private @Nullable Part current;

    /**
     * Some bytes of a content.
     *
     * @param from the first
     * @param length how many, at least one
     */
    Sending(Content content, long from, long length, LongConsumer told) {
        this.content = content;
        this.from = from;
        this.length = length;
        this.told = told;
    }

    @Override
    public BodyPublisher open() throws IOException {
        takeBack();
        Part part = new Part(content.open(from));
        current = part;
        return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> part), length);
    }

    private void takeBack() throws IOException {
        Part before = current;
        if (before != null) {
            before.close();
            told.accept(-before.left());
            current = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (current != null) {
            current.close();
        }
    }

    /** No more than these bytes, whatever becomes of a file: their number has been told to the other side. */
    private final class Part extends FilterInputStream {

        private long read;

        Part(InputStream in) {
            super(in);
        }

        synchronized long left() {
            return read;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public synchronized int read(byte[] into, int offset, int count) throws IOException {
            if (count > 0 && read == length) {
                return -1;
            }
            int some = super.read(into, offset, (int) Math.min(count, length - read));
            if (some > 0) {
                read += some;
                told.accept(some);
            }
            return some;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
