package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.models.kernel.Weight;
import java.util.Map;
import java.util.Set;

/** A part of which an adapter's file tells, while other parts change and train the layers. */
public interface FilePart extends AdapterPart {

    @Override
    default Map<String, Weight> trainable() {
        return Map.of();
    }

    @Override
    default Set<String> paths() {
        return Set.of();
    }

    /** Changes nothing: the layers are on or off themselves. */
    @Override
    default void setEnabled(boolean enabled) {}
}
