package io.github.peft4j.methods.vera;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.methods.layers.AdapterPart;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The two random matrices that all layers of an adapter share; never trained. A layer takes as many of A's columns and B's rows as it has
 * inputs and outputs.
 *
 * <p>Shapes: A {@code [R, largest in]}; B {@code [largest out, R]}. Saved as {@code base_model.vera_A} and {@code base_model.vera_B}, if
 * they are to be saved; else they follow from the seed, bit for bit as in torch.
 */
final class Projections implements AdapterPart {

    private static final String KEY = "base_model.";

    private final Weight a;
    private final Weight b;
    private final boolean saved;

    private Projections(Weight a, Weight b, boolean saved) {
        this.a = a;
        this.b = b;
        this.saved = saved;
    }

    /**
     * Draws them.
     *
     * @param saved whether they stand in the adapter's file
     */
    static Projections draw(Scope scope, long seed, int rank, long in, long out, boolean saved) {
        TorchGenerator random = new TorchGenerator(seed);
        Weight a = weight("vera_A", scope, random, in, rank, in);
        Weight b = weight("vera_B", scope, random, rank, out, rank);
        return new Projections(a, b, saved);
    }

    /** Kaiming's uniform start for a rectifier: within sqrt(6 / inputs). */
    private static Weight weight(
            String name, Scope scope, TorchGenerator random, long inputs, long rows, long columns) {
        double bound = Math.sqrt(3) * (Math.sqrt(2) / Math.sqrt(inputs));
        float[] values = random.uniform(bound, Math.toIntExact(Math.multiplyExact(rows, columns)));
        return new Weight(name, scope.floats(values, rows, columns), Precision.FLOAT32, scope, false);
    }

    private record Key(Weight weight, Precision precision) {}

    /** A's first columns in a format, [R, in]; made once per pass, and the caller closes the handle. */
    NDArray down(Forward context, Precision precision, long in) {
        return context.kernels().narrow(whole(context, a, precision), 1, 0, in);
    }

    /** B's first rows in a format, [out, R]; made once per pass, and the caller closes the handle. */
    NDArray up(Forward context, Precision precision, long out) {
        return context.kernels().narrow(whole(context, b, precision), 0, 0, out);
    }

    private static NDArray whole(Forward context, Weight weight, Precision precision) {
        return context.shared(new Key(weight, precision), () -> weight.in(precision, context.kernels()));
    }

    /** A's first columns, float32. */
    NDArray down(Kernels k, long in) {
        return k.narrow(a.array(), 1, 0, in);
    }

    /** B's first rows, float32. */
    NDArray up(Kernels k, long out) {
        return k.narrow(b.array(), 0, 0, out);
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        if (saved) {
            parameters.put(KEY + a.name(), a);
            parameters.put(KEY + b.name(), b);
        }
        return parameters;
    }

    /** None: the projections stay as they were drawn. */
    @Override
    public Map<String, Weight> trainable() {
        return Map.of();
    }

    @Override
    public Set<String> paths() {
        return Set.of();
    }

    /** Changes nothing: the layers are on or off themselves. */
    @Override
    public void setEnabled(boolean enabled) {}

    @Override
    public void remove() {
        AdaptedLayer.free(a);
        AdaptedLayer.free(b);
    }
}
