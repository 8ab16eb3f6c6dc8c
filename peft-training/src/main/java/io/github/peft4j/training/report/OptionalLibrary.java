package io.github.peft4j.training.report;

/** A library that only one report needs, and that whoever wants the report adds. */
final class OptionalLibrary {

    private OptionalLibrary() {}

    /**
     * Finds out now, not in the middle of a run, that it is missing.
     *
     * @param report what the user calls, for the message
     * @throws IllegalStateException if it is
     */
    static void require(String className, String artifact, String report) {
        try {
            Class.forName(className, false, OptionalLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    report + " needs the library " + artifact
                            + ", which is not on the class path: add it to the project's dependencies",
                    e);
        }
    }
}
