package io.github.peft4j.models;

import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A model's modules and weights as an indented text, laid out as PyTorch prints a module; modules in a row that are alike are told once. */
final class ModelDescription {

    private static final String INDENT = "  ";

    private ModelDescription() {}

    /** A run of children that are alike. */
    private record Run(String first, String last, int count, String text) {

        String line() {
            String names = count == 1 ? first : first + "-" + last;
            return "(" + names + "): " + (count == 1 ? "" : count + " x ") + text;
        }
    }

    /**
     * The text of a module.
     *
     * @param kind what it is
     */
    static String of(String kind, Module module) {
        List<String> parts = new ArrayList<>();
        module.ownWeights().values().forEach(weight -> parts.add(weight(weight)));
        List<Run> runs = runs(module.childModules());
        if (runs.isEmpty()) {
            return kind + "(" + String.join(", ", parts) + ")";
        }
        runs.forEach(run -> parts.add(run.line()));
        String body = String.join("\n", parts).replace("\n", "\n" + INDENT);
        return kind + "(\n" + INDENT + body + "\n)";
    }

    private static String weight(Weight weight) {
        String format = weight.packed() == null ? weight.precision().text() : "packed";
        return weight.name() + ": " + Arrays.toString(weight.shape().getShape()) + " " + format
                + (weight.trainable() ? ", trainable" : "");
    }

    private static List<Run> runs(Map<String, Module> children) {
        List<Run> runs = new ArrayList<>();
        children.forEach((name, child) -> {
            String text = of(child.getClass().getSimpleName(), child);
            Run last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.text.equals(text) && isNumber(name) && isNumber(last.last)) {
                runs.set(runs.size() - 1, new Run(last.first, name, last.count + 1, text));
            } else {
                runs.add(new Run(name, name, 1, text));
            }
        });
        return runs;
    }

    private static boolean isNumber(String name) {
        return name.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
