package io.github.peft4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A command's options under the headings of its sections; those of no section come first. */
final class SectionedHelp implements IHelpSectionRenderer {

    private final Set<String> headings;

    SectionedHelp(Set<String> headings) {
        this.headings = headings;
    }

    @Override
    public String render(Help help) {
        CommandSpec command = help.commandSpec();
        List<String> sections = new ArrayList<>();
        Set<String> placed = new TreeSet<>();
        command.mixins().forEach((name, mixin) -> {
            if (headings.contains(name)) {
                mixin.options().forEach(option -> placed.add(option.longestName()));
                sections.add(heading(name) + list(help, mixin.options()));
            }
        });
        List<OptionSpec> others = command.options().stream()
                .filter(option -> !option.hidden() && !placed.contains(option.longestName()))
                .toList();
        return (others.isEmpty() ? "" : heading("Options") + list(help, others)) + String.join("", sections);
    }

    private static String heading(String text) {
        return System.lineSeparator() + text + ":" + System.lineSeparator();
    }

    private static String list(Help help, List<OptionSpec> options) {
        Help.Layout layout = help.createDefaultLayout();
        layout.addOptions(options, help.parameterLabelRenderer());
        return layout.toString();
    }
}
