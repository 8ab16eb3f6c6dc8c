package io.github.peft4j.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A command's options under headings: each group of options that has a name of its own stands under it, the others come first. */
final class SectionedHelp implements IHelpSectionRenderer {

    @Override
    public String render(Help help) {
        CommandSpec command = help.commandSpec();
        List<String> sections = new ArrayList<>();
        Set<String> placed = new TreeSet<>();
        groups(command).forEach((name, options) -> {
            options.forEach(option -> placed.add(option.longestName()));
            sections.add(heading(name) + list(help, options));
        });
        List<OptionSpec> others = command.options().stream()
                .filter(option -> !option.hidden() && !placed.contains(option.longestName()))
                .toList();
        return (others.isEmpty() ? "" : heading("Options") + list(help, others)) + String.join("", sections);
    }

    /** Groups of options by their headings. A group without one of its own may be made of such as have one. */
    private static Map<String, List<OptionSpec>> groups(CommandSpec of) {
        Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
        of.mixins().forEach((name, mixin) -> {
            if (isHeading(name)) {
                groups.put(name, mixin.options());
            } else {
                groups.putAll(groups(mixin));
            }
        });
        return groups;
    }

    /** A field's name is no heading. */
    private static boolean isHeading(String mixin) {
        return Character.isUpperCase(mixin.charAt(0));
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
