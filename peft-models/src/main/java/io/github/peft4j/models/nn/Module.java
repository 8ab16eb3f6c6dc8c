package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.BlockList;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A part of a model: weights and child modules under their Hugging Face names, and a forward pass from one activation to another.
 *
 * <p>Children sit in {@link Slot}s, so any of them can be replaced by dotted path, for example
 * {@code model.layers.3.self_attn.q_proj}, without the parent knowing. A module is also a DJL block; its parameters appear there without
 * gradients, since backward passes run on our own tape. Not safe for concurrent use.
 */
public abstract class Module extends AbstractBaseBlock {

    private final Map<String, Slot> children = new LinkedHashMap<>();
    private final Map<String, Weight> weights = new LinkedHashMap<>();

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
     * The same layer over other weights, for layers without children.
     *
     * @param choice given each of this layer's weights, returns the one to use: the same or another of its shape
     * @throws UnsupportedOperationException if this kind of module cannot be copied
     */
    public Module withWeights(UnaryOperator<Weight> choice) {
        throw new UnsupportedOperationException("a " + getClass().getSimpleName()
                + " cannot be copied: only Linear, Embedding, RmsNorm and LayerNorm layers can");
    }

    /** Registers a child; to be kept in a field and called through. */
    protected final Slot child(String name, Module module) {
        Slot slot = new Slot(module);
        children.put(name, slot);
        return slot;
    }

    /** Registers a weight under its own name. */
    protected final Weight weight(Weight weight) {
        weights.put(weight.name(), weight);
        return weight;
    }

    /** This module's own weights by name, children's not included. */
    public final Map<String, Weight> ownWeights() {
        return weights;
    }

    /** The children by name. */
    public final Map<String, Module> childModules() {
        Map<String, Module> modules = new LinkedHashMap<>();
        children.forEach((name, slot) -> modules.put(name, slot.module()));
        return modules;
    }

    /** Every module below and including this one, by dotted path; this one's path is empty. */
    public final Map<String, Module> modulesByPath() {
        Map<String, Module> found = new LinkedHashMap<>();
        collect("", found);
        return found;
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
     */
    public final Module replace(String path, UnaryOperator<Module> replacement) {
        Slot slot = slot(path);
        slot.set(replacement.apply(slot.module()));
        return slot.module();
    }

    /** Adds a child that was not there when this module was built. */
    public final void addChild(String name, Module module) {
        if (children.putIfAbsent(name, new Slot(module)) != null) {
            throw new IllegalArgumentException("module " + getClass().getSimpleName() + " already has a child " + name);
        }
    }

    /** Removes a child added by {@link #addChild}. */
    public final void removeChild(String name) {
        children.remove(name);
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

    @Override
    public ParameterList getDirectParameters() {
        ParameterList list = new ParameterList();
        weights.forEach((name, weight) -> {
            Parameter parameter = Parameter.builder()
                    .setName(name)
                    .setType(Parameter.Type.OTHER)
                    .optRequiresGrad(false)
                    .build();
            parameter.setArray(weight.array());
            list.add(name, parameter);
        });
        return list;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        throw new UnsupportedOperationException(
                getClass().getSimpleName() + " knows its output shape only with its rows; run forward instead");
    }
}
