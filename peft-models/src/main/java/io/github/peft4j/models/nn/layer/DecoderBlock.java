package io.github.peft4j.models.nn.layer;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.Slot;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.internal.Selective;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transformer block: branches of parts, each part fed with the one before it, and a {@link Residual} rule by which what comes of a branch
 * is added to what went in. {@code [norm, attention], [norm, feed-forward]} is Llama's block, \(r = x + A(n_1(x))\), \(y = r + M(n_2(r))\);
 * norms may as well stand behind the parts, or on both sides of them.
 *
 * <p>Shapes: x and y {@code [N, D]}. The children carry the architecture's names.
 */
public final class DecoderBlock extends Module implements Scripted, Selective {

    /** How branches and what passes by them come together. */
    public enum Residual {
        /** Each branch is added to its input, which is the outcome of the one before it. */
        IN_TURN,
        /** The same, but each branch is added to the outcome of its first part, a norm: an option of Bloom. */
        IN_TURN_FROM_NORM,
        /** The same, but each branch's last part, a norm, is behind the sum: the first transformers, and one OPT. */
        IN_TURN_TO_NORM,
        /** All branches have the block's input, and their sum is added to it: GPT-NeoX. */
        SIDE_BY_SIDE
    }

    /** A part of a block under its name, none where its children are the block's own, and what it is to it. */
    public record Part(String name, Module module, Role role) {

        /** A norm. */
        public static Part norm(String name, Module module) {
            return new Part(name, module, Role.NORM);
        }

        /** The attention: the part that needs all tokens. */
        public static Part attention(String name, Module module) {
            return new Part(name, module, Role.ATTENTION);
        }

        /** The feed-forward part. */
        public static Part feedForward(String name, Module module) {
            return new Part(name, module, Role.OTHER);
        }

        /** The feed-forward part of an architecture whose block has its layers as children of its own. */
        public static Part feedForward(Module module) {
            return feedForward("", module);
        }
    }

    /**
     * Parts in a row, at least one.
     *
     * @param behind the norm of the sum, or null
     * @param attention the number of the part that needs all tokens, or -1
     */
    private record Branch(List<Slot> parts, @Nullable Slot behind, int attention) {

        boolean mixesTokens() {
            return attention >= 0;
        }

        /** Whether the attention can do with queries of these tokens alone, and that is less work. */
        boolean savesAt(Forward context, NDArray tokens) {
            return parts.get(attention).savesAt(context, tokens);
        }

        /** Runs the parts; from the attention on at some tokens alone, unless {@code at} is null. */
        Made run(Forward context, Activation x, @Nullable NDArray at, boolean replayed) {
            List<Activation> values = new ArrayList<>(parts.size());
            Activation y = x;
            for (int i = 0; i < parts.size(); i++) {
                Slot part = parts.get(i);
                if (at != null && i == attention) {
                    y = part.forwardAt(context, y, at);
                } else {
                    y = replayed && i == parts.size() - 1 ? part.replay(context, y) : part.forward(context, y);
                }
                values.add(y);
            }
            return new Made(values);
        }
    }

    /**
     * What came of a branch's parts, one after the other. Closed as a whole, and only when the sum with what passes by is made: freed one by
     * one, the heap comes apart, and steps take longer.
     */
    private record Made(List<Activation> values) implements AutoCloseable {

        Activation first() {
            return values.get(0);
        }

        Activation last() {
            return values.get(values.size() - 1);
        }

        /** Closes all but the last, which is the caller's from now on. */
        Activation release() {
            values.subList(0, values.size() - 1).forEach(Activation::close);
            return last();
        }

        @Override
        public void close() {
            for (int i = values.size() - 1; i >= 0; i--) {
                values.get(i).close();
            }
        }
    }

    private final Residual residual;
    private final List<Branch> branches = new ArrayList<>();
    /** Branches from here on run at the tokens asked for alone. */
    private final int selective;

    private DecoderBlock(Residual residual, List<List<Part>> branches) {
        this.residual = residual;
        int last = 0;
        for (List<Part> parts : branches) {
            int attention = parts.stream().map(Part::role).toList().indexOf(Role.ATTENTION);
            List<Slot> slots = parts.stream().map(this::slot).toList();
            this.branches.add(branch(slots, attention));
            last = attention >= 0 ? this.branches.size() : last;
        }
        this.selective = last;
    }

    private Slot slot(Part part) {
        return part.name().isEmpty() ? adopt(part.module()) : child(part.name(), part.module(), part.role());
    }

    private Branch branch(List<Slot> slots, int attention) {
        int last = slots.size() - 1;
        return residual == Residual.IN_TURN_TO_NORM
                ? new Branch(slots.subList(0, last), slots.get(last), attention)
                : new Branch(slots, null, attention);
    }

    /** A block of these branches. */
    @SafeVarargs
    @SuppressWarnings("varargs")
    public static DecoderBlock of(Residual residual, List<Part>... branches) {
        return new DecoderBlock(residual, List.of(branches));
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        return run(context, x, null, false);
    }

    /** Attention needs the keys of all tokens; what comes after it, or beside it, does not, and mostly queries neither. */
    @Override
    public Activation forwardAt(Forward context, Activation x, NDArray tokens) {
        return run(context, x, tokens, false);
    }

    @Override
    public Activation replay(Forward context, Activation x) {
        return run(context, x, null, true);
    }

    private Activation run(Forward context, Activation x, @Nullable NDArray tokens, boolean replayed) {
        return residual == Residual.SIDE_BY_SIDE
                ? sideBySide(context, x, tokens, replayed)
                : inTurn(context, x, tokens, replayed);
    }

    private Activation inTurn(Forward context, Activation x, @Nullable NDArray tokens, boolean replayed) {
        Activation sum = x;
        for (int i = 0; i < branches.size(); i++) {
            boolean ends = replayed && i == branches.size() - 1;
            Branch branch = branches.get(i);
            NDArray at = tokens != null && i + 1 == selective && branch.savesAt(context, tokens) ? tokens : null;
            Activation next = added(context, branch, sum, at, ends);
            sum = passed(x, sum, next);
            if (tokens != null && i + 1 == selective && at == null) {
                sum = passed(x, sum, Functions.rows(context, sum, tokens));
            }
        }
        return sum;
    }

    /** The next value, in place of one that is closed unless it is the caller's. */
    private static Activation passed(Activation callers, Activation former, Activation next) {
        if (former != callers) {
            former.close();
        }
        return next;
    }

    private Activation added(Forward context, Branch branch, Activation x, @Nullable NDArray at, boolean replayed) {
        Slot behind = branch.behind();
        if (behind == null) {
            return sum(context, branch, x, at, replayed);
        }
        // The norm's backward pass needs the sum.
        try (Activation sum = sum(context, branch, x, at, false)) {
            return replayed ? behind.replay(context, sum) : behind.forward(context, sum);
        }
    }

    private Activation sum(Forward context, Branch branch, Activation x, @Nullable NDArray at, boolean replayed) {
        try (Made made = branch.run(context, x, at, replayed)) {
            Activation base = residual == Residual.IN_TURN_FROM_NORM ? made.first() : x;
            if (at != null) {
                try (Activation some = Functions.rows(context, base, at)) {
                    return context.add(some, made.last());
                }
            }
            return replayed ? context.join(base, made.last()) : context.add(base, made.last());
        }
    }

    private Activation sideBySide(Forward context, Activation x, @Nullable NDArray tokens, boolean replayed) {
        Activation at = tokens == null ? x : Functions.rows(context, x, tokens);
        Activation sum = null;
        // From the last to the first, as GPT-NeoX adds them up.
        for (int i = branches.size() - 1; i >= 0; i--) {
            Branch branch = branches.get(i);
            Activation change = branch.run(context, branch.mixesTokens() ? x : at, null, replayed)
                    .release();
            if (tokens != null && branch.mixesTokens()) {
                change = passed(x, change, Functions.rows(context, change, tokens));
            }
            sum = sum == null ? change : total(context, sum, change, replayed);
        }
        try (Activation all = Objects.requireNonNull(sum)) {
            return replayed ? context.join(all, at) : context.add(all, at);
        } finally {
            if (at != x) {
                at.close();
            }
        }
    }

    /** x + y, both closed. */
    private static Activation total(Forward context, Activation x, Activation y, boolean replayed) {
        try (x;
                y) {
            return replayed ? context.join(x, y) : context.add(x, y);
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        if (residual == Residual.SIDE_BY_SIDE) {
            String sum = null;
            for (int i = branches.size() - 1; i >= 0; i--) {
                String change = writeParts(script, branches.get(i).parts(), x);
                sum = sum == null ? change : script.line("torch.add(" + sum + ", " + change + ")");
            }
            return script.line("torch.add(" + sum + ", " + x + ")");
        }
        String sum = x;
        for (Branch branch : branches) {
            List<Slot> parts = branch.parts();
            String first = script.write(parts.get(0), sum);
            String change = writeParts(script, parts.subList(1, parts.size()), first);
            String base = residual == Residual.IN_TURN_FROM_NORM ? first : sum;
            sum = script.line("torch.add(" + base + ", " + change + ")");
            Slot behind = branch.behind();
            if (behind != null) {
                sum = script.write(behind, sum);
            }
        }
        return sum;
    }

    private static String writeParts(TokenScript script, List<Slot> parts, String x) {
        String y = x;
        for (Slot part : parts) {
            y = script.write(part, y);
        }
        return y;
    }
}
