package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.message.Listed;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files that hold a data set's rows, with what describes them: all, those below a path of the repository, or those of a split, if files or folders are named
 * after splits.
 *
 * @param path a file, a folder, or empty for all
 * @param split the name of a split, or null for all
 */
public record DataFiles(String path, @Nullable String split) implements Selection {

    private static final Pattern ROWS =
            Pattern.compile("(?i).*\\.(parquet|arrow|jsonl|ndjson|json|csv|tsv|txt)(\\.(gz|zst))?");

    private static final Pattern ABOUT =
            Pattern.compile("(?i)(.*/)?(README\\.md|dataset_infos?\\.json|dataset_dict\\.json|state\\.json)");

    /** What names of files and folders are made of. */
    private static final Pattern WORDS = Pattern.compile("[^A-Za-z0-9]+");

    /** What splits are called; a split's files must name one of these before others are left out. */
    private static final Set<String> SPLITS =
            Set.of("train", "training", "test", "testing", "eval", "evaluation", "validation", "valid", "val", "dev");

    @Override
    public Set<String> wanted(Collection<String> paths, Path folder) throws HubException {
        Set<String> rows = new TreeSet<>(paths);
        rows.removeIf(
                name -> !ROWS.matcher(name).matches() || ABOUT.matcher(name).matches() || !below(name));
        if (rows.isEmpty()) {
            throw new HubException.Refusal("it holds no rows" + (path.isEmpty() ? "" : " at " + path)
                    + ": expected files in Parquet, Arrow, JSON, CSV or text, "
                    + (paths.isEmpty() ? "found no files" : "found " + Listed.names(paths)));
        }
        if (split != null && rows.stream().anyMatch(name -> words(name).contains(split))) {
            rows.removeIf(
                    name -> !words(name).contains(split) && words(name).stream().anyMatch(SPLITS::contains));
        }
        paths.stream()
                .filter(name -> ABOUT.matcher(name).matches() && (below(name) || !name.contains("/")))
                .forEach(rows::add);
        return rows;
    }

    private boolean below(String name) {
        return path.isEmpty() || name.equals(path) || name.startsWith(path + "/");
    }

    private static Set<String> words(String name) {
        return Set.copyOf(new TreeSet<>(WORDS.splitAsStream(name).toList()));
    }
}
