package io.github.peft4j.core.selection.internal;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.NearestNames;
import io.github.peft4j.core.selection.ModuleSelection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What to say when names match no module; the first sentences are Hugging Face's. */
final class Unmatched {

    private final ModuleSelection selection;
    private final List<String> paths;

    Unmatched(ModuleSelection selection, List<String> paths) {
        this.selection = selection;
        this.paths = paths;
    }

    /** Nothing is left to adapt. */
    IllegalArgumentException nothing(TargetModules targets, boolean excluded, boolean unmatched) {
        if (excluded && !unmatched) {
            return new IllegalArgumentException("All modules were excluded. This is likely unintended. Check your"
                    + " `target_modules`, `exclude_modules` and `modules_to_save` configuration.");
        }
        if (!excluded && isEmpty(targets)) {
            return new IllegalArgumentException("No `target_modules` passed but also no `target_parameters` found."
                    + " Please check the values for these arguments.");
        }
        String message = excluded
                ? "No modules were targeted for adaptation. This might be caused by a combination of mismatched target"
                        + " modules and excluded modules. Please check your `target_modules` and `exclude_modules`"
                        + " configuration. You may also have only targeted modules that are marked to be saved"
                        + " (`modules_to_save`)."
                : "Target modules " + shown(targets) + " not found in the base model."
                        + " Please check the target modules and try again.";
        Collection<String> names = targets instanceof TargetModules.Named named ? named.names() : List.of();
        return new IllegalArgumentException(message + notes() + near(names));
    }

    /** An empty list or text, which in Python counts as nothing. */
    static boolean isEmpty(TargetModules targets) {
        return targets instanceof TargetModules.Named named
                ? named.names().isEmpty()
                : targets.json().equals("");
    }

    /** Some names match nothing. */
    void requireAll(Collection<String> names) {
        List<String> missing = missing(names);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("Target modules " + shown(missing)
                    + " not found in the base model, though others were. Please correct or remove them."
                    + near(missing));
        }
    }

    private List<String> missing(Collection<String> names) {
        return names.stream()
                .filter(name -> paths.stream().noneMatch(path -> ModuleMatcher.isNamed(List.of(name), path)))
                .toList();
    }

    private String notes() {
        String notes = "";
        if (!selection.layers().isEmpty()) {
            notes += " Note: You specified 'layers_to_transform': " + selection.layers() + ".";
        }
        if (!selection.layersPatterns().isEmpty()) {
            notes += " You also specified 'layers_pattern': " + quoted(selection.layersPatterns(), '[', ']') + ".";
        }
        return notes;
    }

    /** For each missing name the nearest there are, or that it looks like an expression; else all there are. */
    private String near(Collection<String> names) {
        Set<String> known = ModuleMatcher.lastSegments(paths);
        List<String> remarks = new ArrayList<>();
        for (String name : missing(names)) {
            if (name.equals(TargetModules.ALL_LINEAR)) {
                remarks.add(
                        "'" + name + "' in a list is the name of a module; for all linear layers give it as one text,"
                                + " in Java `new TargetModules.AllLinear()`");
            } else if (name.chars().anyMatch(c -> "\\*+?|()[]{}^$".indexOf(c) >= 0)) {
                remarks.add(
                        "'" + name + "' looks like a regular expression, but a list holds names: give it as one text");
            } else {
                String last = name.substring(name.lastIndexOf('.') + 1);
                List<String> near = NearestNames.to(last, known);
                if (!near.isEmpty() && !near.contains(last)) {
                    remarks.add("Nearest to '" + name + "': " + String.join(", ", near));
                }
            }
        }
        remarks.add("Modules that end a path: " + known);
        return remarks.stream().map(remark -> " " + remark + ".").collect(Collectors.joining());
    }

    /** As Python shows a set of names or a text. */
    static String shown(TargetModules targets) {
        return targets instanceof TargetModules.Named named ? shown(named.names()) : String.valueOf(targets.json());
    }

    private static String shown(Collection<String> names) {
        return quoted(new TreeSet<>(names), '{', '}');
    }

    private static String quoted(Collection<String> names, char open, char close) {
        return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", ", open + "", close + ""));
    }
}
