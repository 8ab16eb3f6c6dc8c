package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.internal.output.FolderInUseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A folder that a command writes to, and no other run meanwhile. Checked before any work is done, made only when there is something to write,
 * and taken away again if nothing was written after all.
 */
public final class OutputFolder implements AutoCloseable {

    private final Path path;

    /** What else the user may do if something is in a folder that must be new or empty; null if it need not be. */
    private final @Nullable String alternative;

    private @Nullable ClaimedFolder claim;

    private OutputFolder(Path path, @Nullable String alternative) {
        this.path = path;
        this.alternative = alternative;
    }

    /**
     * A folder that is not there yet or empty, but for what a run left behind that was killed.
     *
     * @param alternative what else the user may do if it is not
     * @throws BadInput if it is not, another run writes into it, or it cannot be written
     */
    public static OutputFolder fresh(Path path, String alternative) {
        return new OutputFolder(path, alternative).checked();
    }

    /**
     * A folder that may hold something already.
     *
     * @throws BadInput if another run writes into it, or it cannot be written
     */
    public static OutputFolder toResume(Path path) {
        return new OutputFolder(path, null).checked();
    }

    private OutputFolder checked() {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new BadInput("the output folder " + path + " cannot be written: there is a file of this name");
        }
        Path there = path.toAbsolutePath().normalize();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new BadInput("the output folder " + path + " cannot be written: " + there
                    + (Files.isDirectory(there) ? " does not let you write" : " is no folder"));
        }
        if (Files.isDirectory(path)) {
            claimIt();
        }
        return this;
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /**
     * Makes it if it is not there.
     *
     * @return it, which belongs to this command until {@link #close}
     * @throws BadInput if that fails, or another run was faster
     */
    public ClaimedFolder make() {
        if (claim == null) {
            claimIt();
        }
        return Objects.requireNonNull(claim);
    }

    private void claimIt() {
        boolean fit = false;
        try {
            ClaimedFolder taken = ClaimedFolder.claim(path);
            claim = taken;
            if (alternative != null && !taken.entries().isEmpty()) {
                throw new BadInput("the output folder " + path + " is not empty: choose another" + alternative);
            }
            fit = true;
        } catch (FolderInUseException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new BadInput("the output folder " + path + " cannot be made or read: " + e.getMessage(), e);
        } finally {
            if (!fit) {
                close();
            }
        }
    }

    @Override
    public void close() {
        if (claim != null) {
            claim.close();
            claim = null;
        }
    }
}
