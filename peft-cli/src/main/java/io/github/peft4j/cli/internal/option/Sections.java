package io.github.peft4j.cli.internal.option;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** The options of a command by the headings under which the help shows them. */
public final class Sections {

    private final Map<String, Object> byHeading = new LinkedHashMap<>();

    /**
     * Adds a section.
     *
     * @param options an object with annotated fields, which are set when the command line is read
     * @return the options
     */
    public <T> T add(String heading, T options) {
        byHeading.put(heading, options);
        return options;
    }

    /** The headings in their order. */
    public Set<String> headings() {
        return byHeading.keySet();
    }

    /** Lets a command take the options. */
    public void addTo(CommandSpec command) {
        byHeading.forEach((heading, options) -> command.addMixin(heading, CommandSpec.forAnnotatedObject(options)));
    }
}
