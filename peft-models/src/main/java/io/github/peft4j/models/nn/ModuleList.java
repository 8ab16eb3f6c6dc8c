package io.github.peft4j.models.nn;

import io.github.peft4j.models.kernel.Activation;
import java.util.ArrayList;
import java.util.List;

/** Modules in a row, each fed with the one before it; the children are {@code 0}, {@code 1}, ... as in Hugging Face's files. */
public final class ModuleList extends Module implements Scripted {

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
        Activation x = input;
        for (Slot slot : modules) {
            // What the last one's backward pass needs would come back at once after it was dropped.
            boolean recompute = context.recomputes() && slot != modules.get(modules.size() - 1);
            Activation y = recompute ? context.recompute(slot.module(), x) : slot.forward(context, x);
            if (x != input) {
                x.close();
            }
            x = y;
        }
        return x;
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
