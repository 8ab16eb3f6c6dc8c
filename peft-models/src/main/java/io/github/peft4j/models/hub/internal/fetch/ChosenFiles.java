package io.github.peft4j.models.hub.internal.fetch;

import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.message.Listed;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Files by patterns of names, which are those of Python's {@code fnmatch}, as {@code hf download --include} has them: {@code *} stands for any text, folders
 * included. A pattern that ends in a slash stands for all in a folder.
 */
public final class ChosenFiles implements Selection {

    private final @Nullable Selection otherwise;
    private final List<String> include;
    private final Globs included;
    private final Globs excluded;

    /**
     * Files by name.
     *
     * @param include patterns of those that are wanted; none for those of another selection
     * @param exclude patterns of those that are not
     * @param otherwise what is wanted without {@code include}; null for all
     */
    public ChosenFiles(List<String> include, List<String> exclude, @Nullable Selection otherwise) {
        this.otherwise = otherwise;
        this.include = List.copyOf(include);
        this.included = new Globs(include);
        this.excluded = new Globs(exclude);
    }

    /** Whatever there is. */
    public static Selection all() {
        return new ChosenFiles(List.of(), List.of(), null);
    }

    @Override
    public Set<String> wanted(Collection<String> paths, Path folder) throws java.io.IOException {
        Set<String> wanted = new TreeSet<>(paths);
        if (!included.isEmpty()) {
            wanted.removeIf(path -> !included.match(path));
            if (wanted.isEmpty()) {
                throw new HubException.Refusal("no file matches " + String.join(", ", include) + "; there are "
                        + (paths.isEmpty() ? "none" : Listed.names(paths)));
            }
        } else if (otherwise != null) {
            wanted = new TreeSet<>(otherwise.wanted(paths, folder));
        }
        wanted.removeIf(excluded::match);
        return wanted;
    }
}
