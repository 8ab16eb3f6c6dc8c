package io.github.peft4j.training.estimate.internal;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.pretrained.internal.Architecture;
import io.github.peft4j.training.internal.TrainedPart;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A model of the right modules and shapes, made from its config alone: there are no values, and no memory, behind its weights. Not safe for concurrent use. */
public final class ModelOutline implements AutoCloseable {

    private final Scope scope;
    private final Model<?> model;

    private ModelOutline(Scope scope, Model<?> model) {
        this.scope = scope;
        this.model = model;
    }

    /**
     * What training takes, by the config alone.
     *
     * @param head what the model is for; {@link Head} itself for what the config says
     * @param precision the format of the weights, or null for the one that the config names
     * @param groups what of the part is trained
     * @throws IllegalArgumentException if the part's settings, or the groups, do not fit the model
     * @throws IOException if the architecture is not implemented or a size is bad, or a saved adapter cannot be read
     */
    public static <T> T count(
            ConfigJson json,
            Class<? extends Head> head,
            @Nullable Precision precision,
            TrainedPart part,
            ParameterGroups groups,
            Function<MemoryCount, T> use)
            throws IOException {
        try (ModelOutline outline = of(json, head, precision)) {
            return use.apply(MemoryCount.of(
                    outline.model(), part.attach(outline.model(), 0).orElse(null), groups));
        }
    }

    /**
     * Makes one.
     *
     * @param head what the model is for; {@link Head} itself for what the config says
     * @param precision the format of its weights, or null for the one that the config names
     * @throws CheckpointException if the architecture is not implemented, or a size is bad
     * @throws IllegalArgumentException if the config names a format that weights cannot have
     */
    public static ModelOutline of(ConfigJson json, Class<? extends Head> head, @Nullable Precision precision)
            throws CheckpointException {
        Architecture<?> architecture = Architecture.of(json, head);
        String named = json.dtype();
        Precision stored = named == null ? Precision.FLOAT32 : Precision.forCheckpoint(named);
        Scope scope = Scope.open(Device.cpu());
        @Nullable Model<?> model = null;
        try {
            model = architecture.build(Weights.ofShapes(scope, precision == null ? stored : precision), 0);
            return new ModelOutline(scope, model);
        } finally {
            if (model == null) {
                scope.close();
            }
        }
    }

    /** The model, which is closed with this. */
    public Model<?> model() {
        return model;
    }

    @Override
    public void close() {
        model.close();
        scope.close();
    }
}
