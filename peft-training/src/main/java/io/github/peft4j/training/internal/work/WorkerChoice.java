package io.github.peft4j.training.internal.work;

/**
 * How many workers suit a run.
 *
 * <p>An operation by \(t\) threads is \(gain(t) = t / (1 + s (t - 1))\) times as fast as by one: a share \(s\) of its time is spent where one thread
 * works and the others wait, in small operators, in copies, and at the ends of products. Workers do not wait for each other within a
 * micro-batch, so with \(w\) of them on \(c\) cores a micro-batch of \(B\) rows takes \(\lceil B / w \rceil / gain(c / w)\) of a row's time on one thread; the
 * number that makes this least is chosen, the smallest of equals. A step of SmolLM2-135M was 1.44 times as fast by two threads as by one in float32, which is \(s = 0.39\), and
 * 1.18 times in bfloat16, \(s = 0.7\); the former is taken, which favours fewer workers.
 *
 * @param cores threads that an operation is computed by where there is one worker
 * @param rows of a micro-batch
 * @param parameters of the whole model
 * @param trainable those that gradients are kept of
 */
public record WorkerChoice(int cores, int rows, long parameters, long trainable) {

    private static final double WAITING = 0.39;

    /** Each worker has a chunk of logits of its own. */
    private static final int MOST = 8;

    /** In a model with fewer parameters a micro-batch is over before threads have told each other. */
    private static final long LEAST_PARAMETERS = 10_000_000;

    /** Gradients that workers keep apart take no more than this share of the memory that the parameters take. */
    private static final double LARGEST_SHARE = 0.05;

    /** How many times as fast an operation is by so many threads. */
    public static double gain(int threads) {
        return threads / (1 + WAITING * (threads - 1));
    }

    /** The number of workers, at least 1. */
    public int count() {
        int best = 1;
        if (parameters < LEAST_PARAMETERS) {
            return best;
        }
        for (int workers = 2; workers <= Math.min(MOST, Math.min(cores, rows)); workers++) {
            boolean fits = (workers - 1.0) * trainable <= LARGEST_SHARE * parameters;
            if (fits && time(workers) < time(best)) {
                best = workers;
            }
        }
        return best;
    }

    private double time(int workers) {
        return ((rows + workers - 1) / workers) / gain(cores / workers);
    }
}
