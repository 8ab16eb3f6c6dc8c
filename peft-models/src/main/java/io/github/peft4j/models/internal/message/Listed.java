package io.github.peft4j.models.internal.message;

import java.util.Collection;
import java.util.stream.Collectors;

/** Many things in one message: the first of them, and how many there are beside. */
public final class Listed {

    /** How many are told where nothing else is said. */
    public static final int MOST = 20;

    private Listed() {}

    /** Names: {@code a, b and 3 more}. */
    public static String names(Collection<String> names) {
        return of(names, MOST, ", ", " and ");
    }

    /** What is wrong, sentence by sentence: {@code a; b; and 3 more}. */
    public static String problems(Collection<String> problems) {
        return problems(problems, MOST);
    }

    /** {@link #problems(Collection)} of which so many are told. */
    public static String problems(Collection<String> problems, int most) {
        return of(problems, most, "; ", "; and ");
    }

    /** {@link #problems(Collection)} behind their number: {@code (2 problems): a; b}. */
    public static String counted(Collection<String> problems) {
        return "(" + problems.size() + (problems.size() == 1 ? " problem): " : " problems): ") + problems(problems);
    }

    private static String of(Collection<String> all, int most, String between, String last) {
        String first = all.stream().limit(most).collect(Collectors.joining(between));
        return all.size() <= most ? first : first + last + (all.size() - most) + " more";
    }
}
