package io.github.peft4j.core;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.nn.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Applies a {@link ModuleSelection} to a model, step by step as Hugging Face's {@code check_target_module_exists} does. */
final class ModuleMatcher {

    private final ModuleSelection selection;
    private final BaseModules modules;
    private final Anatomy anatomy;
    private final String purpose;

    ModuleMatcher(ModuleSelection selection, BaseModules modules, Anatomy anatomy, String purpose) {
        this.selection = selection;
        this.modules = modules;
        this.anatomy = anatomy;
        this.purpose = purpose;
    }

    ModuleSelection.Selected select() {
        TargetModules targets = targets();
        List<String> found = new ArrayList<>();
        for (String path : modules.byPath().keySet()) {
            if (!path.isEmpty() && matches(targets, path)) {
                found.add(path);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("Target modules " + targets.json() + " not found in the base model."
                    + " Please check the target modules and try again. Modules that end a path: " + lastSegments());
        }
        return new ModuleSelection.Selected(found, targets);
    }

    private TargetModules targets() {
        TargetModules given = selection.targets();
        if (given != null) {
            return given;
        }
        List<String> customary = anatomy.targets().get(purpose);
        if (customary == null) {
            throw new IllegalArgumentException(
                    "Please specify `target_modules` in `peft_config`: there are none customary for "
                            + anatomy.modelType());
        }
        return new TargetModules.Named(customary);
    }

    private boolean matches(TargetModules targets, String path) {
        if (targets instanceof TargetModules.Matching matching) {
            return matching.pattern().matcher(path).matches();
        }
        if (targets instanceof TargetModules.Named named) {
            return named.names().stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
        }
        return modules.base(path) instanceof Linear && !path.equals(anatomy.head());
    }

    private TreeSet<String> lastSegments() {
        TreeSet<String> names = new TreeSet<>();
        modules.byPath().keySet().forEach(path -> names.add(path.substring(path.lastIndexOf('.') + 1)));
        names.removeIf(name -> name.isEmpty() || Character.isDigit(name.charAt(0)));
        return names;
    }
}
