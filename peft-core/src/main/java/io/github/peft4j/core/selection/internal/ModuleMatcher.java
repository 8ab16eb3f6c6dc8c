package io.github.peft4j.core.selection.internal;

import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.MinimalSuffixes;
import io.github.peft4j.core.internal.pattern.PythonPattern;
import io.github.peft4j.core.internal.pattern.Steps;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.models.internal.message.Printable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies a {@link ModuleSelection} to the paths of a model. */
public final class ModuleMatcher {

    private static final Logger LOG = LoggerFactory.getLogger(ModuleMatcher.class);

    private final ModuleSelection selection;
    private final List<String> paths;
    private final Set<String> linears;
    private final List<String> usual;
    private final Steps steps = new Steps();
    private final List<PythonPattern> saved;
    private final LayerIndex layers;

    /**
     * A matcher for one selection.
     *
     * @param paths of all modules but the model itself
     * @param linears paths of the linear layers but the output layer
     * @param usual names where none are given; empty if there are none
     * @param model what to call the model
     * @throws IllegalArgumentException if there are no names
     */
    public static ModuleMatcher of(
            ModuleSelection selection, List<String> paths, Set<String> linears, List<String> usual, String model) {
        if (selection.targets() == null && usual.isEmpty()) {
            throw new IllegalArgumentException(
                    "Please specify `target_modules` in `peft_config`: there are no defaults for " + model);
        }
        return new ModuleMatcher(selection, paths, linears, usual);
    }

    private ModuleMatcher(ModuleSelection selection, List<String> paths, Set<String> linears, List<String> usual) {
        this.selection = selection;
        this.paths = paths;
        this.linears = linears;
        this.usual = usual;
        this.saved = selection.modulesToSave().stream()
                .map(name -> PythonPattern.compile("(^|.*\\.)" + name + "($|\\..*)"))
                .toList();
        this.layers = new LayerIndex(selection.layersPatterns(), steps);
    }

    /**
     * Selects.
     *
     * @param strict whether every given name must match something
     */
    public ModuleSelection.Selected select(boolean strict) {
        TargetModules targets = condensed(resolved());
        List<String> found = new ArrayList<>();
        List<String> excluded = new ArrayList<>();
        boolean unmatched = false;
        boolean none = targets instanceof TargetModules.Matching matching
                && matching.pattern().text().equals(TargetModules.NONE);
        for (String path : none ? List.<String>of() : paths) {
            if (isExcluded(path)) {
                excluded.add(path);
            } else if (matches(targets, path)) {
                found.add(path);
            } else {
                unmatched = true;
            }
        }
        Unmatched problems = new Unmatched(selection, paths);
        if (found.isEmpty() && !none) {
            throw problems.nothing(targets, !excluded.isEmpty(), unmatched);
        }
        if (strict && selection.targets() instanceof TargetModules.Named given) {
            problems.requireAll(given.names());
        }
        TargetModules exclude = selection.exclude();
        if (exclude != null && !Unmatched.isEmpty(exclude) && excluded.isEmpty()) {
            LOG.warn(
                    "You have passed exclude_modules={} but no modules were excluded."
                            + " Please check that exclude_modules was set correctly.",
                    Printable.message(Unmatched.shown(exclude)));
        }
        return new ModuleSelection.Selected(List.copyOf(found), targets);
    }

    private TargetModules resolved() {
        TargetModules given = selection.targets();
        if (given instanceof TargetModules.AllLinear) {
            return new TargetModules.Named(List.copyOf(linears));
        }
        return given == null ? new TargetModules.Named(usual) : given;
    }

    private TargetModules condensed(TargetModules targets) {
        if (!(targets instanceof TargetModules.Named named)
                || !selection.condense()
                || named.names().size() < ModuleSelection.MANY) {
            return targets;
        }
        List<String> others =
                paths.stream().filter(path -> !isNamed(named.names(), path)).toList();
        Set<String> fewest = MinimalSuffixes.of(named.names(), others);
        return fewest.size() < named.names().size() ? new TargetModules.Named(List.copyOf(fewest)) : targets;
    }

    private boolean isExcluded(String path) {
        @Nullable TargetModules exclude = selection.exclude();
        if (exclude instanceof TargetModules.Named named && isNamed(named.names(), path)) {
            return true;
        }
        boolean matched = exclude instanceof TargetModules.Matching matching
                && !Unmatched.isEmpty(exclude)
                && matching.pattern().matchesAll(path, steps);
        return matched || saved.stream().anyMatch(pattern -> pattern.matchesStart(path, steps));
    }

    private boolean matches(TargetModules targets, String path) {
        if (targets instanceof TargetModules.Matching matching) {
            return matching.pattern().matchesAll(path, steps);
        }
        List<String> names = ((TargetModules.Named) targets).names();
        if (names.contains(path)) {
            return true;
        }
        return isNamed(names, path) && (selection.layers().isEmpty() || layers.isOneOf(selection.layers(), path));
    }

    /** Whether a path is one of these names or ends in one after a dot. */
    static boolean isNamed(Collection<String> names, String path) {
        return names.stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
    }

    /** What ends the paths, numbers left out. */
    static Set<String> lastSegments(Collection<String> paths) {
        Set<String> names = new TreeSet<>();
        paths.forEach(path -> names.add(path.substring(path.lastIndexOf('.') + 1)));
        names.removeIf(name -> name.isEmpty() || Character.isDigit(name.charAt(0)));
        return names;
    }
}
