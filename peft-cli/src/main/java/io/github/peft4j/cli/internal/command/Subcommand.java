package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.option.Sections;
import java.io.IOException;

/** What stands behind {@code peft4j} on the command line: options, and what is done with what was given. */
public abstract class Subcommand {

    /** Its options but for those that are fields of its own, which come first, and those that all commands have. */
    protected final Sections sections = new Sections();

    /** Its options by heading. */
    public final Sections sections() {
        return sections;
    }

    /**
     * Does it.
     *
     * @return the exit code
     * @throws IOException if something cannot be read or written
     */
    public abstract int run(Session session) throws IOException;
}
