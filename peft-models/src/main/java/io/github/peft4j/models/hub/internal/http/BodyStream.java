package io.github.peft4j.models.hub.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as it arrives. Unlike the JDK's own stream it gives up on a server that sends nothing for some time. At most a few pieces are in
 * memory. One thread reads.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {

    private static final int AHEAD = 4;

    /** A piece of the body, or its end with what went wrong. */
    private record Event(
            List<ByteBuffer> bytes, boolean last, @Nullable Throwable problem) {}

    private final Duration patience;
    private final BlockingQueue<Event> arrived = new LinkedBlockingQueue<>();
    private final Queue<ByteBuffer> current = new ArrayDeque<>();
    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private boolean ended;

    BodyStream(Duration patience) {
        this.patience = patience;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscribed.complete(subscription);
        subscription.request(AHEAD);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        arrived.add(new Event(bytes, false, null));
    }

    @Override
    public void onError(Throwable problem) {
        arrived.add(new Event(List.of(), true, problem));
    }

    @Override
    public void onComplete() {
        arrived.add(new Event(List.of(), true, null));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            ByteBuffer next = current.peek();
            if (next == null) {
                if (ended) {
                    return -1;
                }
                take();
            } else if (next.hasRemaining()) {
                int count = Math.min(length, next.remaining());
                next.get(to, offset, count);
                return count;
            } else {
                current.remove();
            }
        }
    }

    private void take() throws IOException {
        @Nullable Event event;
        try {
            event = arrived.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            close();
            throw Patience.interrupted();
        }
        if (event == null) {
            close();
            throw new HttpTimeoutException("nothing came for " + patience.toSeconds() + " s");
        }
        ended = event.last();
        if (event.problem() != null) {
            throw new IOException("the connection broke off: " + event.problem().getMessage(), event.problem());
        }
        current.addAll(event.bytes());
        if (!ended) {
            subscribed.join().request(1);
        }
    }

    /** Ends the connection if the body has not arrived as a whole. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            current.clear();
            subscribed.thenAccept(Flow.Subscription::cancel);
        }
    }
}
