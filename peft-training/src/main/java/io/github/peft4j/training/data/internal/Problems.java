package io.github.peft4j.training.data.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The rows that cannot be used, gathered so that all are reported at once and before any training. */
public final class Problems {

    /** How many rows of each kind of problem are listed. */
    static final int LISTED = 20;

    /** From so many on, something is wrong with the file as a whole. */
    static final int ENOUGH = 100_000;

    private int count;
    private final Map<RowException.Problem, Kind> kinds = new EnumMap<>(RowException.Problem.class);

    /** The rows with one kind of problem: their places by file and reason. */
    private static final class Kind {

        private final Map<Reason, Set<Long>> lines = new LinkedHashMap<>();
        private int listed;
        private int count;

        void add(Reason reason, long line) {
            count++;
            if (listed < LISTED) {
                listed++;
                lines.computeIfAbsent(reason, r -> new TreeSet<>()).add(line);
            }
        }

        @Override
        public String toString() {
            List<String> parts = new ArrayList<>();
            lines.forEach((reason, places) -> parts.add(reason.source() + (places.size() == 1 ? " line " : " lines ")
                    + joined(places) + ": " + reason.text()));
            if (count > listed) {
                parts.add("and " + (count - listed) + " more");
            }
            return String.join("; ", parts);
        }

        /** Numbers as people list them: 1-4, 7 and 9. */
        private static String joined(Collection<Long> numbers) {
            List<Long> lines = List.copyOf(numbers);
            List<String> ranges = new ArrayList<>();
            for (int i = 0; i < lines.size(); ) {
                int end = i;
                while (end + 1 < lines.size() && lines.get(end + 1) == lines.get(end) + 1) {
                    end++;
                }
                ranges.add(lines.get(i) + (end == i ? "" : "-" + lines.get(end)));
                i = end + 1;
            }
            String last = ranges.remove(ranges.size() - 1);
            return ranges.isEmpty() ? last : String.join(", ", ranges) + " and " + last;
        }
    }

    private record Reason(String source, String text) {}

    /**
     * Adds a row.
     *
     * @throws DataException naming all, if there are so many that there is no use in reading on
     */
    void add(String source, long line, RowException problem) throws DataException {
        note(source, line, problem);
        if (count == ENOUGH) {
            throw new DataException(message(" cannot be used, and reading ended there"));
        }
    }

    /** Adds a row that is only to be told of. */
    void note(String source, long line, RowException problem) {
        kinds.computeIfAbsent(problem.problem(), p -> new Kind())
                .add(new Reason(source, String.valueOf(problem.getMessage())), line);
        count++;
    }

    /** How many rows there are. */
    public int count() {
        return count;
    }

    /** Fails if there is any. */
    public void throwIfAny() throws DataException {
        if (count > 0) {
            throw new DataException(message(" cannot be used"));
        }
    }

    /** All of them: how many, what became of them, and where they are. */
    public String message(String what) {
        StringBuilder message = new StringBuilder(count == 1 ? "1 row" : count + " rows").append(what);
        kinds.forEach((problem, kind) ->
                message.append("; ").append(problem).append(": ").append(kind));
        return message.toString();
    }
}
