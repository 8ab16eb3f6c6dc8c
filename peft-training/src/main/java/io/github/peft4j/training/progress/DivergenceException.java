package io.github.peft4j.training.progress;

/** A loss or gradient that is infinite or not a number. The weights are as the last good step left them. */
public final class DivergenceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long step;

    /**
     * A loss or a norm that is no number.
     *
     * @param what is none, as the message names it
     * @param step in which
     * @param rows of which, as the message names them
     */
    public DivergenceException(String what, double value, long step, String rows) {
        super(what + " is " + value + " in step " + step + " (" + rows
                + "): the weights are as step " + (step - 1)
                + " left them. Lower the learning rate or the clipping norm, warm up longer, or look at these rows.");
        this.step = step;
    }

    /** The number of the step that could not be taken, from 1. */
    public long step() {
        return step;
    }
}
