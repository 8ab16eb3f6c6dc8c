package io.github.peft4j.models.internal.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read/write lease on something that several threads use, a model above all: what one thread computes with is neither changed nor freed
 * under it by another.
 *
 * <table>
 * <caption>What each lease waits for, of other threads</caption>
 * <tr><th>lease</th><th>taken by</th><th>waits for</th></tr>
 * <tr><td>{@link #pass}</td><td>whatever reads native memory, for as long as it does</td><td>a change</td></tr>
 * <tr><td>{@link #hold}</td><td>a computation of many passes that must all see the same, such as a text that is generated</td>
 *     <td>a change, and one that would be noticed and waits</td></tr>
 * <tr><td>{@link #change}</td><td>whatever changes what passes read</td>
 *     <td>passes, other changes, and holds that would notice</td></tr>
 * </table>
 *
 * <p>A change that waits lets no new pass in, so that it gets its turn; while it waits for a hold it keeps out only holds that would notice
 * it. Leases of one thread may be nested; but a thread that has a pass or a hold cannot get a change, which would wait for the thread itself.
 *
 * <p>{@link #close} waits for nobody: from then on every lease is refused, nested ones too, and the memory is freed by whoever leaves last.
 * Waiting does not end when the thread is interrupted; the interruption stays pending. Safe for concurrent use.
 */
public final class Leases {

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    /** What a thread has now. */
    private static final class Holder {
        private final Thread thread;
        private final List<@Nullable Object> holds = new ArrayList<>();
        private int passes;
        private int changes;

        private Holder(Thread thread) {
            this.thread = thread;
        }

        private boolean isIdle() {
            return passes == 0 && changes == 0 && holds.isEmpty();
        }

        private boolean notices(Predicate<? super @Nullable Object> change) {
            return holds.stream().anyMatch(change);
        }
    }

    private record Waiting(Holder holder, Predicate<? super @Nullable Object> disturbs) {}

    private final class Held implements Lease {
        private final Holder holder;
        private @Nullable Consumer<Holder> giveBack;

        private Held(Holder holder, Consumer<Holder> giveBack) {
            this.holder = holder;
            this.giveBack = giveBack;
        }

        @Override
        public void close() {
            Runnable last;
            synchronized (Leases.this) {
                if (giveBack == null) {
                    return;
                }
                giveBack.accept(holder);
                giveBack = null;
                forgetIfIdle(holder);
                Leases.this.notifyAll();
                last = takeFreeing();
            }
            if (last != null) {
                freeBehind(last);
            }
        }
    }

    private final String what;
    private final Map<Thread, Holder> holders = new HashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean closed;
    private @Nullable Runnable freeing;

    /**
     * Leases on something.
     *
     * @param what for messages: {@code model}, for example
     */
    public Leases(String what) {
        this.what = what;
    }

    /**
     * A lease for a short use, in which nothing changes and nothing is freed.
     *
     * @throws IllegalStateException if it is closed
     */
    public synchronized Lease pass() {
        Holder me = me();
        boolean inside = me.passes > 0 || me.changes > 0;
        await(me, () -> inside || mayPass(me));
        me.passes++;
        return new Held(me, holder -> holder.passes--);
    }

    private boolean mayPass(Holder me) {
        return noOtherChanges(me) && waiting.stream().noneMatch(w -> w.holder != me && nobodyNotices(w));
    }

    /**
     * A lease for a use of many passes, between which others may change what it does not notice.
     *
     * @param choice what of the thing is used, as {@link #change} is asked about it; null for whatever is switched on
     * @throws IllegalStateException if it is closed
     */
    public synchronized Lease hold(@Nullable Object choice) {
        Holder me = me();
        boolean inside = !me.isIdle();
        await(me, () -> inside || (noOtherChanges(me) && waiting.stream().noneMatch(w -> w.disturbs.test(choice))));
        me.holds.add(choice);
        return new Held(me, holder -> holder.holds.remove(choice));
    }

    /**
     * A lease to change things, which no other thread has beside it.
     *
     * @param disturbs given what a {@link #hold} is for, tells whether the change is noticed there
     * @throws IllegalStateException if it is closed, or this thread has a pass or a hold
     */
    public synchronized Lease change(Predicate<? super @Nullable Object> disturbs) {
        Holder me = me();
        if (me.changes == 0) {
            if (!me.isIdle()) {
                throw new IllegalStateException("this thread is computing with the " + what
                        + " and cannot change it meanwhile: change it when the pass or the generation has ended");
            }
            Waiting turn = new Waiting(me, disturbs);
            waiting.add(turn);
            try {
                await(me, () -> noOtherChanges(me) && nobodyPasses(me) && nobodyNotices(turn));
            } finally {
                waiting.remove(turn);
                notifyAll();
            }
        }
        me.changes++;
        return new Held(me, holder -> holder.changes--);
    }

    /** {@link #change} that every hold notices. */
    public Lease change() {
        return change(choice -> true);
    }

    /** {@link #change} that no hold notices: results stay as they are. */
    public Lease unnoticedChange() {
        return change(choice -> false);
    }

    /**
     * Lets this thread work on behalf of another, which waits for it meanwhile: it has what that one has.
     *
     * @return the lease to close when the work is done; nothing is to be acquired for it
     */
    public synchronized Lease onBehalfOf(Thread other) {
        Holder holder = holders.get(other);
        Thread here = Thread.currentThread();
        if (holder == null || holders.putIfAbsent(here, holder) != null) {
            return () -> {};
        }
        return new Held(holder, any -> holders.remove(here));
    }

    /** Whether {@link #close} was called. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /**
     * @throws IllegalStateException if it is closed
     */
    public synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this " + what + " is closed: its memory is freed");
        }
    }

    /**
     * Refuses all leases from now on and frees the memory: at once if it is not in use, or else when the last pass or change under way has
     * ended, on the thread of that, where a failure is logged. A second call does nothing.
     */
    public void close(Runnable free) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            notifyAll();
            if (isInUse()) {
                freeing = free;
                return;
            }
        }
        free.run();
    }

    private boolean isInUse() {
        return holders.values().stream().anyMatch(holder -> holder.passes > 0 || holder.changes > 0);
    }

    private @Nullable Runnable takeFreeing() {
        if (freeing == null || isInUse()) {
            return null;
        }
        Runnable taken = freeing;
        freeing = null;
        return taken;
    }

    private void freeBehind(Runnable last) {
        try {
            last.run();
        } catch (RuntimeException e) {
            LOG.warn("the {} was closed while it was in use, and could not be freed wholly: {}", what, e.toString(), e);
        }
    }

    // ---- under the monitor

    private Holder me() {
        return holders.computeIfAbsent(Thread.currentThread(), Holder::new);
    }

    private void forgetIfIdle(Holder holder) {
        if (holder.isIdle()) {
            holders.remove(holder.thread, holder);
        }
    }

    private boolean noOtherChanges(Holder me) {
        return holders.values().stream().noneMatch(other -> other != me && other.changes > 0);
    }

    private boolean nobodyPasses(Holder me) {
        return holders.values().stream().noneMatch(other -> other != me && other.passes > 0);
    }

    private boolean nobodyNotices(Waiting change) {
        return holders.values().stream().noneMatch(other -> other != change.holder && other.notices(change.disturbs));
    }

    private void await(Holder me, BooleanSupplier turn) {
        boolean interrupted = false;
        boolean admitted = false;
        try {
            while (true) {
                requireOpen();
                if (turn.getAsBoolean()) {
                    admitted = true;
                    return;
                }
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (!admitted) {
                forgetIfIdle(me);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
