package io.github.peft4j.models.nn.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Modules in a row, each fed with the one before it; the children are {@code 0}, {@code 1}, ... as in Hugging Face's files. */
public final class ModuleList extends Module implements Scripted, Selective {

    private final List<Slot> modules = new ArrayList<>();

    /** A list of these modules. */
    public ModuleList(List<? extends Module> modules) {
        for (Module module : modules) {
            this.modules.add(child(Integer.toString(this.modules.size()), module));
        }
    }

    /** Number of modules. */
    public int size() {
        return modules.size();
    }

    @Override
    public Activation forward(Forward context, Activation input) {
        return run(context, input, null);
    }

    /** Only the last module leaves tokens out; the ones before it need them all. */
    @Override
    public Activation forwardAt(Forward context, Activation input, NDArray tokens) {
        return run(context, input, tokens);
    }

    private Activation run(Forward context, Activation input, @Nullable NDArray tokens) {
        Activation x = input;
        for (Slot slot : modules) {
            boolean last = slot == modules.get(modules.size() - 1);
            Activation y = last && tokens != null ? slot.forwardAt(context, x, tokens) : run(context, slot, x, last);
            if (x != input) {
                x.close();
            }
            x = y;
        }
        return x;
    }

    private static Activation run(Forward context, Slot slot, Activation x, boolean last) {
        // What the last one's backward pass needs would come back at once after it was dropped.
        return context.recomputes() && !last ? context.recompute(slot.module(), x) : slot.forward(context, x);
    }

    @Override
    public String write(TokenScript script, String x) {
        String y = x;
        for (Slot slot : modules) {
            y = script.write(slot, y);
        }
        return y;
    }
}
