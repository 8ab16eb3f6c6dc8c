package io.github.peft4j.training.report;

/** A library that only one report needs, and that whoever wants the report adds. */
final class OptionalLibrary {

    private OptionalLibrary() {}

    /**
     * Finds out now, not in the middle of a run, that it is missing.
     *
     * @throws IllegalStateException if it is
     */
    static void require(String className, String artifact, Class<?> report) {
        try {
            Class.forName(className, false, report.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    report.getSimpleName() + " needs the library " + artifact
                            + ", which is not on the class path: add it to the project's dependencies",
                    e);
        }
    }
}
