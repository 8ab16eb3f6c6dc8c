package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A module that stands in the place of another and makes use of it. The wrapped module is its child {@code base_layer}, as in Hugging
 * Face's files; wrappers may wrap wrappers.
 */
public abstract class Wrapper extends Module {

    /** Name of the child that holds the wrapped module. */
    public static final String BASE = "base_layer";

    private final Slot base;

    /** Wraps a module. */
    protected Wrapper(Module wrapped) {
        this.base = child(BASE, wrapped);
    }

    /** What Hugging Face's modules call what they wrap: {@value #BASE} in most. */
    public String wrappedName() {
        return BASE;
    }

    /** What this module wraps: an ordinary module or another wrapper. */
    public final Module wrapped() {
        return base.module();
    }

    /**
     * What this module hands its input to in a pass: another module than {@link #wrapped} where rows choose so.
     *
     * @param selection what the rows of the pass choose, or null if they do not
     */
    public Module wrapped(@Nullable RowSelection selection) {
        return wrapped();
    }

    /** Replaces what this module wraps. */
    public final void rewrap(Module module) {
        base.set(module);
    }

    /**
     * Changes the wrapped module's output: where this wrapper applies, which is on all rows or none by its own state, or on some rows
     * where rows choose.
     *
     * @param on this wrapper's own state, for passes whose rows do not choose
     * @param base the wrapped module's output; closed unless it is returned
     * @param x the input
     * @param change given outputs and inputs of the same tokens, returns the changed outputs; leaves both to their owner
     */
    protected final Activation changed(
            Forward context, boolean on, Activation base, Activation x, BinaryOperator<Activation> change) {
        RowSelection.Reach reach = context.reach(this);
        if (reach == null ? !on : reach.none()) {
            return base;
        }
        try (base) {
            return reach == null || reach.all()
                    ? change.apply(base, x)
                    : changedAt(context, context.tokens(reach.rows()), base, x, change);
        }
    }

    private static Activation changedAt(
            Forward context, NDArray tokens, Activation base, Activation x, BinaryOperator<Activation> change) {
        Kernels k = context.kernels();
        try (Activation outputs = Activation.constant(k.rows(base.array(), tokens));
                Activation inputs = Activation.constant(k.rows(x.array(), tokens));
                Activation replaced = change.apply(outputs, inputs)) {
            return Activation.constant(k.withRows(base.array(), tokens, replaced.array()));
        }
    }

    /**
     * Writes what {@link #changed(Forward, boolean, Activation, Activation, BinaryOperator)} does.
     *
     * @param change given the names of outputs and inputs of the same tokens, writes the changed outputs and returns their name
     */
    protected final String changed(
            TokenScript script, boolean on, String base, String x, BinaryOperator<String> change) {
        RowSelection.Reach reach = script.reach(this);
        if (reach == null ? !on : reach.none()) {
            return base;
        }
        if (reach == null || reach.all()) {
            return change.apply(base, x);
        }
        String tokens = script.tokens(this, reach);
        String outputs = script.line("torch.index_select(" + base + ", 0, " + tokens + ")");
        String inputs = script.line("torch.index_select(" + x + ", 0, " + tokens + ")");
        String replaced = change.apply(outputs, inputs);
        return script.line("torch.index_copy(" + base + ", 0, " + tokens + ", " + replaced + ")");
    }

    /** The module under all wrappers. */
    public static Module innermost(Module module) {
        return innermost(module, null);
    }

    /** The module under all wrappers in a pass whose rows choose as given; null if they do not. */
    public static Module innermost(Module module, @Nullable RowSelection selection) {
        Module inner = module;
        while (inner instanceof Wrapper) {
            inner = ((Wrapper) inner).wrapped(selection);
        }
        return inner;
    }
}
