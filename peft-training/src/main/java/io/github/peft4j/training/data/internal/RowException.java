package io.github.peft4j.training.data.internal;

/** A row that cannot be used; the message says why, without the place, which whoever reads the file knows. */
public final class RowException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** What can be wrong with a row. */
    public enum Problem {
        /** It is not written as its file's format has it. */
        UNREADABLE("unreadable"),
        /** Values are missing, or are of another kind. */
        NOT_AN_EXAMPLE("no example"),
        /** A text is a number. */
        NUMBER("no text (put numbers in quotes, or let them be read as text)"),
        /** Its text cannot become token ids. */
        NOT_ENCODED("cannot be encoded"),
        /** Nothing in it is supervised. */
        NO_LABEL("nothing to learn"),
        /** What is learned of it is white space, or nothing but its end. */
        BLANK("blank"),
        /** It was there before. */
        DOUBLED("doubled"),
        /** Ids that the model does not have. */
        OUTSIDE_VOCABULARY("ids outside the vocabulary");

        private final String title;

        Problem(String title) {
            this.title = title;
        }

        /** Heads the list of all rows with this problem. */
        @Override
        public String toString() {
            return title;
        }
    }

    /**
     * Creates an exception.
     *
     * @param problem the kind of problem, under which it is reported with others
     * @param reason what is wrong, expected and found
     */
    public RowException(Problem problem, String reason) {
        super(reason);
        this.problem = problem;
    }

    /** The kind of problem. */
    public Problem problem() {
        return problem;
    }
}
