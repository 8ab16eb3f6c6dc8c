package io.github.peft4j.cli.internal.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and its like. While a command computes or writes ({@link #guard}) the first signal is noted and the command's thread
 * interrupted: the command finishes the micro-batch, the token or the write it is at, frees its memory, takes back what is half written and
 * leaves with {@link #exitCode}. At any other time it ends the process at once, and so does a second signal. Safe for concurrent use.
 */
public final class Interruption {

    private static final Map<String, Integer> SIGNALS = Map.of("INT", 2, "TERM", 15);

    private final IntConsumer exit;
    private final IntConsumer halt;
    private int guards;
    private @Nullable Thread guarded;
    private volatile int signal;

    private Interruption(IntConsumer exit, IntConsumer halt) {
        this.exit = exit;
        this.halt = halt;
    }

    /** Thrown where a command notices that it is to stop. */
    public static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Stopped() {
            super("interrupted");
        }
    }

    /** A part of a command that ends by itself when asked to. */
    public interface Guard extends AutoCloseable {
        @Override
        void close();
    }

    /** One that stops commands only when {@link #arrived} is called. */
    public static Interruption none() {
        return of(code -> {}, code -> {});
    }

    /** One that ends the process in given ways: in order, and at once. */
    public static Interruption of(IntConsumer exit, IntConsumer halt) {
        return new Interruption(exit, halt);
    }

    /** One that listens to the process's signals. A signal that was ignored when the process began stays ignored. */
    public static Interruption ofProcess() {
        Interruption interruption = new Interruption(System::exit, Runtime.getRuntime()::halt);
        SIGNALS.forEach((name, number) -> listen(name, () -> interruption.arrived(number)));
        return interruption;
    }

    /** By reflection, since the compiler warns of sun.misc.Signal and a platform may lack it; then a signal ends the process as ever. */
    private static void listen(String name, Runnable action) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(
                    Interruption.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) {
                throw new IllegalStateException("cannot listen to signal " + name + ": " + e.getCause(), e);
            }
            // The platform does not know the signal.
        } catch (ReflectiveOperationException e) {
            // There is no such class.
        }
    }

    /** A signal has arrived. */
    public void arrived(int number) {
        boolean again;
        Thread worker;
        synchronized (this) {
            again = signal != 0;
            signal = number;
            worker = guarded;
        }
        if (again) {
            halt.accept(ExitCode.BY_SIGNAL + number);
        } else if (worker != null) {
            worker.interrupt();
        } else {
            exit.accept(ExitCode.BY_SIGNAL + number);
        }
    }

    /** Begins a part of this thread that calls {@link #check} often enough. */
    public Guard guard() {
        check();
        synchronized (this) {
            guards++;
            guarded = Thread.currentThread();
        }
        return () -> {
            synchronized (this) {
                guards--;
                guarded = guards > 0 ? guarded : null;
            }
        };
    }

    /** Whether the command is to stop. */
    public boolean requested() {
        return signal != 0;
    }

    /**
     * Goes on, or not.
     *
     * @throws Stopped if the command is to stop
     */
    public void check() {
        if (requested()) {
            throw new Stopped();
        }
    }

    /** 130 after Ctrl-C. */
    public int exitCode() {
        return ExitCode.BY_SIGNAL + signal;
    }
}
