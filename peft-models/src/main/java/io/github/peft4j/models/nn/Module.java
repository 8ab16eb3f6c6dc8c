package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.internal.Role;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A part of a model: weights and child modules under their Hugging Face names, and a forward pass from one activation to another.
 *
 * <p>Children sit in {@link Slot}s, so any of them can be replaced by dotted path, for example
 * {@code model.layers.3.self_attn.q_proj}, without the parent knowing. A module is also a DJL block; its parameters appear there without
 * gradients, since backward passes run on our own tape. Any number of threads may run a module, and one may replace parts of it between
 * their passes; a {@link io.github.peft4j.models.Model}'s {@link io.github.peft4j.models.internal.lease.Leases} see to that.
 */
public abstract class Module extends AbstractBaseBlock {

    /** Never changed but replaced, so that who walks over a tree is not disturbed by who adds to it. */
    private volatile Map<String, Slot> children = Map.of();

    private final Map<String, Weight> weights = new LinkedHashMap<>();
    private final Set<String> added = new HashSet<>();

    /** Allows subclasses only. */
    protected Module() {}

    /**
     * Runs the module.
     *
     * @param context the rows, the tape and what else is common to this pass
     * @param input values [N, ...]; stay the caller's
     * @return new values [N, ...]; the caller closes them
     */
    public abstract Activation forward(Forward context, Activation input);

    /**
     * Runs the module once more, for a backward pass alone: nobody reads the values of the outcome, so what serves only them may be left
     * out. Gradients are those of {@link #forward}.
     *
     * @return an activation of the outcome's shape; the caller closes it
     */
    public Activation replay(Forward context, Activation input) {
        return forward(context, input);
    }

    /**
     * The same layer over other weights, for layers without children.
     *
     * @param choice given each of this layer's weights, returns the one to use: the same or another of its shape; a table with a row for
     *     each token may have another number of rows
     * @throws UnsupportedOperationException if this kind of module cannot be copied
     */
    public Module withWeights(UnaryOperator<Weight> choice) {
        throw new UnsupportedOperationException(
                "a " + getClass().getSimpleName() + " cannot be copied: only linear layers, embeddings and norms can");
    }

    /**
     * Whether this module, its children not included, sets some of its tokens' values to 0 at random in training, each row's otherwise. Rows
     * then do not share what they begin with.
     */
    public boolean dropsActivations() {
        return false;
    }

    /** Registers a child; to be kept in a field and called through. */
    protected final Slot child(String name, Module module) {
        return child(name, module, Role.OTHER);
    }

    /**
     * Registers a child and says what it is to this module.
     *
     * @param name of several segments where Hugging Face has modules in between that do nothing but hold others: those that are there
     *     already, as those of another child, are used, and others are made
     */
    protected final Slot child(String name, Module module, Role role) {
        int dot = name.indexOf('.');
        if (dot >= 0) {
            return holder(name.substring(0, dot)).child(name.substring(dot + 1), module, role);
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a child's name is one segment of a path, got \"\"");
        }
        if (children.containsKey(name)) {
            throw new IllegalArgumentException("a " + getClass().getSimpleName() + " already has a child " + name);
        }
        Slot slot = new Slot(module, role);
        Map<String, Slot> more = new LinkedHashMap<>(children);
        more.put(name, slot);
        children = more;
        return slot;
    }

    private Module holder(String name) {
        Slot there = children.get(name);
        return (there == null ? child(name, new Holder()) : there).module();
    }

    /**
     * Takes the children of a module that has no name of its own in Hugging Face's files: the same slots, so what replaces one of them
     * here stands there too.
     *
     * @return the place of that module, which no path leads to; to be called through
     */
    protected final Slot adopt(Module nameless) {
        Map<String, Slot> more = new LinkedHashMap<>(children);
        nameless.children.forEach((name, slot) -> {
            if (more.putIfAbsent(name, slot) != null) {
                throw new IllegalArgumentException("a " + getClass().getSimpleName() + " already has a child " + name);
            }
        });
        children = more;
        return new Slot(nameless, Role.OTHER);
    }

    /** Registers a weight under its own name. */
    protected final Weight weight(Weight weight) {
        weights.put(weight.name(), weight);
        return weight;
    }

    /** Registers a weight under the path of a module below this one that does nothing but hold others. */
    protected final void weight(String path, Weight weight) {
        Module holder = this;
        for (String name : path.split("\\.")) {
            holder = holder.holder(name);
        }
        holder.weight(weight);
    }

    /** This module's own weights by name, children's not included. */
    public final Map<String, Weight> ownWeights() {
        return Collections.unmodifiableMap(weights);
    }

    /** The children by name. */
    public final Map<String, Module> childModules() {
        Map<String, Module> modules = new LinkedHashMap<>();
        children.forEach((name, slot) -> modules.put(name, slot.module()));
        return modules;
    }

    /** The child of a name, or null. */
    public final @Nullable Module childOrNull(String name) {
        Slot slot = children.get(name);
        return slot == null ? null : slot.module();
    }

    /** Every module below and including this one, by dotted path; this one's path is empty. */
    public final Map<String, Module> modulesByPath() {
        Map<String, Module> found = new LinkedHashMap<>();
        collect("", found);
        return found;
    }

    /** The paths of all modules below this one that have a role here, in the order of {@link #modulesByPath}. */
    public final List<String> pathsOf(Role role) {
        List<String> found = new ArrayList<>();
        collect("", role, found);
        return found;
    }

    private void collect(String path, Role role, List<String> found) {
        children.forEach((name, slot) -> {
            if (slot.role() == role) {
                found.add(join(path, name));
            }
            slot.module().collect(join(path, name), role, found);
        });
    }

    private void collect(String path, Map<String, Module> found) {
        found.put(path, this);
        children.forEach((name, slot) -> slot.module().collect(join(path, name), found));
    }

    /** Every weight below this module by dotted path; a weight used in two places appears under both paths. */
    public final Map<String, Weight> weightsByPath() {
        Map<String, Weight> found = new LinkedHashMap<>();
        modulesByPath()
                .forEach((path, module) ->
                        module.weights.forEach((name, weight) -> found.put(join(path, name), weight)));
        return found;
    }

    /**
     * The module at a dotted path.
     *
     * @throws IllegalArgumentException if there is none
     */
    public final Module at(String path) {
        return path.isEmpty() ? this : slot(path).module();
    }

    /**
     * Puts another module in the place of the one at {@code path}.
     *
     * @param replacement given the present module, returns the one to stand there
     * @return the module that stands there now
     * @throws IllegalArgumentException if there is none, or the path is empty
     */
    public final Module replace(String path, UnaryOperator<Module> replacement) {
        if (path.isEmpty()) {
            throw new IllegalArgumentException("a module cannot replace itself: name one below it");
        }
        Slot slot = slot(path);
        slot.set(replacement.apply(slot.module()));
        return slot.module();
    }

    /**
     * Adds a child that was not there when this module was built.
     *
     * @throws IllegalArgumentException if there is one of this name, or the name is no segment of a path
     */
    public final void addChild(String name, Module module) {
        if (name.indexOf('.') >= 0) {
            throw new IllegalArgumentException("a child's name is one segment of a path, got \"" + name + "\"");
        }
        child(name, module);
        added.add(name);
    }

    /**
     * Removes a child added by {@link #addChild}; does nothing if there is none of this name.
     *
     * @throws IllegalArgumentException if the module was built with this child
     */
    public final void removeChild(String name) {
        if (added.remove(name)) {
            Map<String, Slot> fewer = new LinkedHashMap<>(children);
            fewer.remove(name);
            children = fewer;
        } else if (children.containsKey(name)) {
            throw new IllegalArgumentException(
                    "a " + getClass().getSimpleName() + " cannot be without its child " + name + ": replace it");
        }
    }

    private Slot slot(String path) {
        Module module = this;
        Slot slot = null;
        for (String name : path.split("\\.", -1)) {
            slot = module.children.get(name);
            if (slot == null) {
                throw new IllegalArgumentException(
                        "no module at " + path + ": " + module.getClass().getSimpleName() + " has children "
                                + module.children.keySet() + ", not \"" + name + "\"");
            }
            module = slot.module();
        }
        return java.util.Objects.requireNonNull(slot);
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    // ---- what DJL asks of a block

    /**
     * Runs the module on one row of N tokens, [N, ...], in the format it computes in; a bfloat16 result shows as {@code UNKNOWN}, and
     * only {@link io.github.peft4j.models.kernel.Kernels} may be called on it.
     */
    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, @Nullable PairList<String, Object> parameters) {
        NDArray input = inputs.singletonOrThrow();
        List<Weight> all = new ArrayList<>(weightsByPath().values());
        if (all.isEmpty()) {
            throw new UnsupportedOperationException(getClass().getSimpleName()
                    + " has no weights that say where to compute; call forward(Forward, Activation)");
        }
        try (Forward context = Forward.inference(
                all.get(0).scope(), Rows.of((int) input.getShape().get(0)))) {
            NDArray output = forward(context, Activation.constant(input)).array();
            output.attach(input.getManager());
            return new NDList(output);
        }
    }

    @Override
    public BlockList getChildren() {
        BlockList list = new BlockList();
        children.forEach((name, slot) -> list.add(name, slot.module()));
        return list;
    }

    /** Every weight under its dotted path, as in {@link #weightsByPath}. */
    @Override
    public ParameterList getParameters() {
        return WeightParameters.of(weightsByPath());
    }

    @Override
    public ParameterList getDirectParameters() {
        return WeightParameters.of(weights);
    }

    /** A module has its weights from the start. */
    @Override
    public final boolean isInitialized() {
        return true;
    }

    /** Does nothing: a module has its weights from the start. */
    @Override
    public final void initialize(NDManager manager, DataType type, Shape... inputs) {}

    /** Not in DJL's format, which has no bfloat16. */
    @Override
    public final void saveParameters(DataOutputStream stream) {
        throw new UnsupportedOperationException(
                "modules are not written in DJL's format: write safetensors with ShardedWriter");
    }

    /** Not from DJL's format, which has no bfloat16. */
    @Override
    public final void loadParameters(NDManager manager, DataInputStream stream) {
        throw new UnsupportedOperationException("modules are not read in DJL's format: load a checkpoint with Models");
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        throw new UnsupportedOperationException(
                getClass().getSimpleName() + " knows its output shape only with its rows; run forward instead");
    }
}
