package io.github.peft4j.training.internal.state;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/** What a run changes, and how that is saved. */
public interface Trained {

    /** The model. */
    Model<?> model();

    /** Every trained weight once, by a name that is the same in every process. */
    Map<String, Weight> weights();

    /** The names of all weights that could be trained: those of {@link #weights}, and of those that the run's groups froze. */
    Set<String> names();

    /** What those of the weights are that are factors of products, as far as optimisers can tell them apart. */
    default Map<Weight, Adapter.Factor> factors() {
        return Map.of();
    }

    /** What must be the same for a run to be resumed, as text by name. */
    Map<String, String> settings();

    /** How many parameters the model has with what is trained. */
    long parameters();

    /**
     * Checks, before any step is done, that what {@link #save} takes from elsewhere can be had.
     *
     * @throws IOException if not
     */
    default void requireSavable() throws IOException {}

    /** Writes the files that Hugging Face reads. */
    void save(Path folder) throws IOException;

    /**
     * The trained weights whose values {@link #save}'s files hold in full, by key, by checkpoint relative to the folder. What is in none
     * of them must be kept elsewhere to go on training: float32 masters of shorter weights, and what a method does not save.
     */
    Map<String, Map<String, Weight>> savedInFull();
}
