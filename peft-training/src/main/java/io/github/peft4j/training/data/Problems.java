package io.github.peft4j.training.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The rows that cannot be used, gathered so that all are reported at once and before any training. */
final class Problems {

    /** How many rows of each kind of problem are listed. */
    static final int LISTED = 20;

    private final Map<RowException.Problem, List<String>> listed = new EnumMap<>(RowException.Problem.class);
    private final Map<RowException.Problem, Integer> counts = new EnumMap<>(RowException.Problem.class);

    void add(Path file, long line, RowException problem) {
        counts.merge(problem.problem(), 1, Integer::sum);
        List<String> list = listed.computeIfAbsent(problem.problem(), p -> new ArrayList<>());
        if (list.size() < LISTED) {
            list.add(file + " line " + line + ": " + problem.getMessage());
        }
    }

    /** Fails if there is any. */
    void throwIfAny() throws DataException {
        if (counts.isEmpty()) {
            return;
        }
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        StringBuilder message =
                new StringBuilder(all == 1 ? "1 row" : all + " rows").append(" of the data cannot be used");
        counts.forEach((problem, count) -> {
            List<String> list = listed.getOrDefault(problem, List.of());
            message.append(list.isEmpty() ? "" : "; ").append(problem.title()).append(": ");
            message.append(String.join("; ", list));
            if (count > list.size()) {
                message.append("; and ").append(count - list.size()).append(" more");
            }
        });
        throw new DataException(message.toString());
    }
}
