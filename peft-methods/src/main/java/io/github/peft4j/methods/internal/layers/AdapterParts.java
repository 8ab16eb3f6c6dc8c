package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.LayerSettings.Bias;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an adapter while they are put into a model one after another; close it. Unless {@link #adapter} was called before, closing
 * takes them out again, the last first, so that on failure the model is as before.
 */
public final class AdapterParts implements AutoCloseable {

    private final Model<?> model;
    private final AttachContext context;
    private final List<AdapterPart> parts = new ArrayList<>();
    private boolean complete;

    /** None yet. */
    public AdapterParts(Model<?> model, AttachContext context) {
        this.model = model;
        this.context = context;
    }

    /** Takes a part that is in the model; returns it. */
    public <P extends AdapterPart> P add(P part) {
        parts.add(part);
        return part;
    }

    /**
     * Puts copies in the place of the layers that {@code modules_to_save} names, and takes them as a part.
     *
     * @param names ends of paths, or null for none
     */
    public ModulesToSave addWhole(@Nullable List<String> names) {
        return addWhole(names, null);
    }

    /**
     * As {@link #addWhole(List)}, with a tied output layer that shares the embedding's copy.
     *
     * @param names ends of paths, or null for none
     * @param tied path of the output layer, or null for none
     */
    public ModulesToSave addWhole(@Nullable List<String> names, @Nullable String tied) {
        ModulesToSave whole = ModulesToSave.attach(model, names == null ? List.of() : names, tied, context);
        add(AdapterPart.of(whole));
        return whole;
    }

    /**
     * Trains biases of the model, and takes what Hugging Face PEFT's files hold of them as parts.
     *
     * @param bias the value of the method's setting
     * @param layers the adapter's
     * @param whole the layers that are trained whole
     * @param method how Hugging Face PEFT calls the method's class, for the message
     * @throws IllegalArgumentException if another adapter trains biases
     */
    public void addBiases(Bias bias, AdaptedLayers layers, ModulesToSave whole, String method) {
        Map<String, TrainedCopy> copies = whole.copies();
        add(TrainedBiases.attach(model, bias, layers.paths(), copies.keySet(), method, context));
        add(new BiasesOfWholeLayers(bias == Bias.ALL ? copies : Map.of()));
    }

    /**
     * The adapter of the parts taken so far, which now belong to it.
     *
     * @param config as it is saved
     * @param mergeable how to merge it, or null if it cannot be merged
     */
    public LayerAdapter adapter(PeftConfig config, Adapter.@Nullable Mergeable mergeable) {
        complete = true;
        return new LayerAdapter(model, config, List.copyOf(parts), mergeable);
    }

    @Override
    public void close() {
        if (!complete) {
            removeAll(parts);
            parts.clear();
        }
    }

    static void removeAll(List<AdapterPart> parts) {
        List<AdapterPart> lastFirst = new ArrayList<>(parts);
        Collections.reverse(lastFirst);
        lastFirst.forEach(AdapterPart::remove);
    }
}
