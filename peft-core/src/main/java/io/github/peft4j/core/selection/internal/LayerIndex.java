package io.github.peft4j.core.selection.internal;

import io.github.peft4j.core.internal.pattern.PythonPattern;
import io.github.peft4j.core.internal.pattern.Steps;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads from a module's path which block it is in, as Hugging Face's {@code layers_to_transform} and {@code layers_pattern} count. */
final class LayerIndex {

    /** The first number between dots that is not the path's first or second segment. */
    private static final PythonPattern ANY = PythonPattern.compile(".*?\\.[^.]*\\.(?P<idx>\\d+)\\.");

    private final List<PythonPattern> patterns;
    private final Steps steps;

    LayerIndex(List<String> names, Steps steps) {
        this.patterns = names.isEmpty()
                ? List.of(ANY)
                : names.stream()
                        .map(name -> PythonPattern.compile("(?:^|.*?\\.)" + name + "\\.(?P<idx>\\d+)\\."))
                        .toList();
        this.steps = steps;
    }

    boolean isOneOf(Collection<Integer> wanted, String path) {
        @Nullable String index = null;
        for (PythonPattern pattern : patterns) {
            index = pattern.groupAtStart(path, "idx", steps);
            if (index != null) {
                break;
            }
        }
        try {
            return index != null && wanted.contains(Integer.valueOf(index));
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
