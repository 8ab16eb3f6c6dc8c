package io.github.peft4j.training.data;

/** A row that is no example. */
final class RowException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Problem problem;

    /** What can be wrong with a row; the text heads the list of all rows with which it is. */
    enum Problem {
        NOT_JSON("not valid JSON"),
        NOT_AN_EXAMPLE("no example"),
        NOT_ENCODED("cannot be encoded"),
        NO_LABEL("nothing to learn"),
        OUTSIDE_VOCABULARY("ids outside the vocabulary");

        private final String title;

        Problem(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    RowException(Problem problem, String reason) {
        super(reason);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
