package io.github.peft4j.models.hub.internal.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;

/** Which files of a repository are wanted. */
@FunctionalInterface
public interface Selection {

    /**
     * The files that are wanted as far as is known: some files, once they are here, name others. Asked again after each round of fetching, until nothing new is
     * wanted.
     *
     * @param paths all files that the repository has
     * @param folder what of them is here already
     * @return paths that are wanted, whether or not the repository has them
     * @throws IOException if a file that names others cannot be used
     */
    Set<String> wanted(Collection<String> paths, Path folder) throws IOException;

    /**
     * Whether all that is wanted is here, as far as can be told without the hub.
     *
     * @param paths all files that the repository has, if that is known, or else those that are here
     * @param known whether it is known
     * @param folder what is here
     */
    default boolean isWhole(Collection<String> paths, boolean known, Path folder) {
        try {
            return known && wanted(paths, folder).stream().allMatch(path -> Files.isRegularFile(folder.resolve(path)));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }
}
