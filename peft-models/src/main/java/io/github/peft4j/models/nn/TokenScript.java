package io.github.peft4j.models.nn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.TokenProgram;
import io.github.peft4j.models.nn.internal.TokenStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The text of a {@link TokenProgram} while modules write it, and what the text reads. One expression a line; every line's value has a
 * name, and modules hand each other names.
 */
public final class TokenScript {

    private final StringBuilder lines = new StringBuilder();
    private final List<Function<Kernels, NDArray>> arrays = new ArrayList<>();
    private final Map<Object, String> named = new LinkedHashMap<>();
    private final List<Function<Forward, NDArray>> tables = new ArrayList<>();
    private final List<Integer> layers = new ArrayList<>();
    private int names;
    private boolean complete = true;

    private final @Nullable RowSelection selection;

    private TokenScript(@Nullable RowSelection selection) {
        this.selection = selection;
    }

    /**
     * What a module does to one new token of each row, as one call; null if a module below it cannot be written.
     *
     * @param owner of the arrays that are made for it
     * @param selection which modules apply to which rows, or null; rows may leave later on, but none may come
     */
    public static @Nullable TokenStep step(Module module, Scope owner, @Nullable RowSelection selection) {
        TokenScript script = new TokenScript(selection);
        String result = script.write(module, "x");
        if (!script.complete) {
            return null;
        }
        Device device = owner.device();
        TokenProgram program = TokenProgram.of(device, script.lines + "    return " + result + "\n");
        List<NDArray> made =
                script.arrays.stream().map(make -> make.apply(owner.kernels())).toList();
        int[] layers = script.layers.stream().mapToInt(layer -> layer).toArray();
        return new TokenStep(program, made, List.copyOf(script.tables), layers);
    }

    /** Writes what stands in a slot; returns the name of its output. */
    public String write(Slot slot, String x) {
        return write(slot.module(), x);
    }

    /** Writes another module; returns the name of its output. */
    public String write(Module module, String x) {
        if (module instanceof Scripted scripted) {
            return complete ? scripted.write(this, x) : x;
        }
        complete = false;
        return x;
    }

    /** Adds a line; returns the name of the expression's value. */
    public String line(String expression) {
        return lines(1, expression)[0];
    }

    /** Adds a line whose expression is a tuple; returns the names of its parts. */
    public String[] lines(int parts, String expression) {
        String[] made = new String[parts];
        for (int i = 0; i < parts; i++) {
            made[i] = "a" + names++;
        }
        lines.append("    ")
                .append(String.join(", ", made))
                .append(" = ")
                .append(expression)
                .append('\n');
        return made;
    }

    /** The name of a weight's values in the format of computations; {@code None} for null. */
    public String weight(@Nullable Weight weight) {
        return weight == null ? "None" : array(weight::forCompute);
    }

    /** The name of an array that is made once. */
    public String array(Function<Kernels, NDArray> make) {
        arrays.add(make);
        return "w[" + (arrays.size() - 1) + "]";
    }

    /** The name of an array that is made once and read in many places, which ask for it by the same key. */
    public String array(Object key, Function<Kernels, NDArray> make) {
        String known = named.get(key);
        if (known == null) {
            known = array(make);
            named.put(key, known);
        }
        return known;
    }

    /** The name of an array that is made for each token and shared by all layers that ask for it by the same key. */
    public String table(Object key, Function<Forward, NDArray> make) {
        String known = named.get(key);
        if (known == null) {
            tables.add(make);
            known = "t[" + (tables.size() - 1) + "]";
            named.put(key, known);
        }
        return known;
    }

    /** The rows that a module applies to; null where rows do not choose. */
    public RowSelection.@Nullable Reach reach(Module module) {
        return selection == null ? null : selection.reach(module);
    }

    /** The name of the numbers of the rows that a module applies to, which may have become fewer since the text was written. */
    String tokens(Module module, RowSelection.Reach reach) {
        // Modules that reach the same rows now do so ever after.
        return table(
                reach,
                context -> context.tokens(
                        Objects.requireNonNull(context.reach(module)).rows()));
    }

    /** The number under which a layer's buffers are found among those that the text reads. */
    public int buffersOf(int layer) {
        layers.add(layer);
        return layers.size() - 1;
    }
}
