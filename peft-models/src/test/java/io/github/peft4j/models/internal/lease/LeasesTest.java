package io.github.peft4j.models.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LeasesTest {

    private final Leases leases = new Leases("model");
    private final ExecutorService other = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        other.shutdownNow();
    }

    /** Whether a lease is had by another thread without delay; it is given back in any case. */
    private boolean isGranted(Callable<Lease> wanted) throws Exception {
        return waits(other.submit(() -> {
            wanted.call().close();
            return null;
        }));
    }

    private static boolean waits(Future<?> future) throws InterruptedException, ExecutionException {
        try {
            future.get(100, TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException e) {
            return false;
        }
    }

    @Test
    void passesGoSideBySideAndKeepChangesOut() throws Exception {
        try (Lease pass = leases.pass()) {
            assertThat(isGranted(leases::pass)).isTrue();
            assertThat(isGranted(() -> leases.hold(null))).isTrue();
            assertThat(isGranted(leases::unnoticedChange)).isFalse();
        }
        assertThat(isGranted(leases::change)).isTrue();
    }

    @Test
    void aChangeKeepsEverybodyOut() throws Exception {
        try (Lease change = leases.unnoticedChange()) {
            assertThat(isGranted(leases::pass)).isFalse();
            assertThat(isGranted(() -> leases.hold(null))).isFalse();
            assertThat(isGranted(leases::unnoticedChange)).isFalse();
        }
    }

    @Test
    void aHoldKeepsOutTheChangesThatItWouldNotice() throws Exception {
        try (Lease text = leases.hold("french")) {
            assertThat(isGranted(leases::unnoticedChange)).isTrue();
            assertThat(isGranted(() -> leases.change("german"::equals))).isTrue();
            assertThat(isGranted(() -> leases.change("french"::equals))).isFalse();
        }
    }

    @Test
    void aChangeThatWaitsForAHoldKeepsOutOnlyHoldsThatWouldNoticeIt() throws Exception {
        Lease text = leases.hold("french");
        Future<Lease> change = other.submit(() -> leases.change("french"::equals));
        assertThat(waits(change)).isFalse();
        assertThat(isGranted(leases::pass)).isTrue();
        assertThat(isGranted(() -> leases.hold("german"))).isTrue();
        Future<Lease> late = other.submit(() -> leases.hold("french"));
        assertThat(waits(late)).isFalse();
        text.close();
        change.get().close();
        late.get().close();
    }

    @Test
    void aChangeThatWaitsForPassesAloneGetsItsTurnBeforeLaterOnes() throws Exception {
        Lease pass = leases.pass();
        Future<Lease> change = other.submit(leases::unnoticedChange);
        assertThat(waits(change)).isFalse();
        Future<Lease> late = other.submit(leases::pass);
        assertThat(waits(late)).isFalse();
        // Nested in what the change waits for, or it would wait for ever.
        leases.pass().close();
        leases.hold(null).close();
        pass.close();
        change.get().close();
        late.get().close();
    }

    @Test
    void aTextGoesOnWhileAChangeThatItWouldNoticeWaits() throws Exception {
        Lease text = leases.hold(null);
        Future<Lease> change = other.submit(() -> leases.change());
        assertThat(waits(change)).isFalse();
        leases.pass().close();
        text.close();
        change.get().close();
    }

    @Test
    void leasesOfAThreadMayBeNestedButForAChangeInAPassOrAHold() throws Exception {
        try (Lease change = leases.change();
                Lease again = leases.change();
                Lease hold = leases.hold(null);
                Lease pass = leases.pass();
                Lease within = leases.unnoticedChange()) {
            assertThat(isGranted(leases::pass)).isFalse();
        }
        try (Lease pass = leases.pass()) {
            assertThatThrownBy(leases::unnoticedChange)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "this thread is computing with the model and cannot change it meanwhile: change it when the"
                                    + " pass or the generation has ended");
        }
        try (Lease hold = leases.hold("french")) {
            assertThatThrownBy(leases::unnoticedChange).isInstanceOf(IllegalStateException.class);
        }
        assertThat(isGranted(leases::change)).isTrue();
    }

    @Test
    void closingWaitsForNobodyAndTheLastOneFrees() {
        List<String> events = new ArrayList<>();
        try (Lease pass = leases.pass()) {
            try (Lease nested = leases.pass()) {
                leases.close(() -> events.add("freed"));
                assertThatThrownBy(leases::pass)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("this model is closed: its memory is freed");
            }
            events.add("left");
        }
        leases.close(() -> events.add("again"));
        assertThat(events).containsExactly("left", "freed");
        assertThat(leases.isClosed()).isTrue();
    }

    @Test
    void closingFreesAtOnceWhatIsHeldButNotRead() {
        AtomicBoolean freed = new AtomicBoolean();
        try (Lease text = leases.hold(null)) {
            leases.close(() -> freed.set(true));
            assertThat(freed).isTrue();
            assertThatThrownBy(leases::pass).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whoWaitsWhenItIsClosedIsRefused() throws Exception {
        Lease pass = leases.pass();
        Future<Lease> change = other.submit(leases::unnoticedChange);
        assertThat(waits(change)).isFalse();
        leases.close(() -> {});
        assertThatThrownBy(change::get).hasCauseInstanceOf(IllegalStateException.class);
        pass.close();
    }

    @Test
    void aFailureToFreeIsNotThrownAtWhoeverLeavesLast() {
        Lease pass = leases.pass();
        leases.close(() -> {
            throw new IllegalStateException("the file is gone");
        });
        pass.close();
        pass.close();
        assertThat(leases.isClosed()).isTrue();
    }

    @Test
    void aThreadMayWorkOnBehalfOfAnotherThatWaitsForIt() throws Exception {
        Thread here = Thread.currentThread();
        try (Lease change = leases.change()) {
            other.submit(() -> {
                        try (Lease lent = leases.onBehalfOf(here);
                                Lease pass = leases.pass();
                                Lease nested = leases.unnoticedChange()) {
                            return null;
                        }
                    })
                    .get();
            assertThat(isGranted(leases::pass)).isFalse();
        }
        assertThat(isGranted(() -> leases.onBehalfOf(here))).isTrue();
        assertThat(isGranted(leases::change)).isTrue();
    }

    @Test
    void anInterruptionStaysPendingWhileALeaseIsWaitedFor() throws Exception {
        Lease change = leases.change();
        Future<Boolean> waiting = other.submit(() -> {
            Thread.currentThread().interrupt();
            try (Lease pass = leases.pass()) {
                return Thread.interrupted();
            }
        });
        assertThat(waits(waiting)).isFalse();
        change.close();
        assertThat(waiting.get()).isTrue();
    }

    @Test
    void neverIsSomethingChangedOrFreedUnderAReader() throws Exception {
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger writers = new AtomicInteger();
        AtomicBoolean freed = new AtomicBoolean();
        List<Future<Integer>> threads = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            SplittableRandom random = new SplittableRandom(thread);
            threads.add(other.submit(() -> work(random, readers, writers, freed)));
        }
        Thread.sleep(300);
        leases.close(() -> {
            assertThat(readers.get() + writers.get()).isZero();
            freed.set(true);
        });
        int done = 0;
        for (Future<Integer> thread : threads) {
            done += thread.get();
        }
        assertThat(done).isGreaterThan(1000);
        assertThat(freed).isTrue();
    }

    private int work(SplittableRandom random, AtomicInteger readers, AtomicInteger writers, AtomicBoolean freed) {
        int done = 0;
        try {
            while (true) {
                if (random.nextInt(4) == 0) {
                    try (Lease change = random.nextBoolean() ? leases.change() : leases.unnoticedChange()) {
                        assertThat(writers.incrementAndGet()).isEqualTo(1);
                        assertThat(readers.get()).isZero();
                        assertThat(freed).isFalse();
                        writers.decrementAndGet();
                    }
                } else {
                    try (Lease text = leases.hold(null)) {
                        for (int pass = random.nextInt(4); pass > 0; pass--) {
                            try (Lease now = leases.pass()) {
                                readers.incrementAndGet();
                                assertThat(writers.get()).isZero();
                                assertThat(freed).isFalse();
                                readers.decrementAndGet();
                            }
                        }
                    }
                }
                done++;
            }
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("is closed");
            return done;
        }
    }
}
