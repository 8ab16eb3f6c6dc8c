package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files of a folder that comes from a stranger. Archives and repositories keep symbolic links, and one that leads out of its folder would have us
 * read any file of the user's, and copy it into what we write. So a file is used only if it lies in the folder.
 *
 * <p>A link that stays in the folder is followed. In Hugging Face's cache, where snapshots are links to blobs
 * ({@code models--ORG--NAME/snapshots/COMMIT/config.json} to {@code models--ORG--NAME/blobs/HASH}), so is one that stays in the same repository, or leads to the contents
 * that repositories of the cache share ({@code blobs/XX/HASH}).
 *
 * @see <a href="https://huggingface.co/docs/huggingface_hub/guides/manage-cache">the layout of the cache</a>
 */
public final class UntrustedFolder {

    private static final String SNAPSHOTS = "snapshots";

    private static final Pattern REPOSITORY = Pattern.compile("(models|datasets)--.+");

    /** Contents of the cache that several repositories share, by their hash. */
    private static final Pattern SHARED = Pattern.compile("blobs/[0-9a-f]{2}/[0-9a-f]{64}");

    private UntrustedFolder() {}

    /**
     * A file or folder by name, whether or not there is one.
     *
     * @param folder the folder that was named by the user; may itself be a link
     * @param name as the folder's owner chose it, with {@code /} between the parts of a path
     * @return the path, not resolved further
     * @throws CheckpointException if it is a link that leads out of the folder, to a device, or to nothing
     */
    public static Path file(Path folder, String name) throws CheckpointException {
        Path file = folder.resolve(name);
        boolean linked = false;
        for (Path part = file; part != null && !part.equals(folder); part = part.getParent()) {
            linked |= Files.isSymbolicLink(part);
        }
        if (linked) {
            requireWithin(folder, file);
        }
        return file;
    }

    private static void requireWithin(Path folder, Path file) throws CheckpointException {
        try {
            Path target = file.toRealPath();
            if (!Files.isRegularFile(target) && !Files.isDirectory(target)) {
                throw new CheckpointException(file + " is not a regular file");
            }
            Path root = folder.toRealPath();
            @Nullable Path repository = repository(root);
            if (!target.startsWith(root) && (repository == null || !isOf(repository, target))) {
                throw new CheckpointException(
                        file + " is a link that leads out of its folder, to " + target
                                + ": files of a checkpoint or adapter must lie in its folder; if you trust it, copy the file there");
            }
        } catch (NoSuchFileException e) {
            throw new CheckpointException(
                    file + " is a link to a file that is not there: copy or download the folder again", e);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot follow the link " + file + ": " + e, e);
        }
    }

    /** Whether a file is a repository's own, or one of the store beside the repositories of its cache, which holds nothing else. */
    private static boolean isOf(Path repository, Path target) {
        @Nullable Path cache = repository.getParent();
        return target.startsWith(repository)
                || (cache != null
                        && target.startsWith(cache)
                        && SHARED.matcher(cache.relativize(target).toString().replace('\\', '/'))
                                .matches());
    }

    /** The repository of the cache that a folder is a snapshot of, or lies in one, or null. */
    private static @Nullable Path repository(Path folder) {
        for (Path part = folder; part != null; part = part.getParent()) {
            @Nullable Path above = part.getParent();
            if (above != null
                    && name(part).equals(SNAPSHOTS)
                    && REPOSITORY.matcher(name(above)).matches()) {
                return above;
            }
        }
        return null;
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
