package io.github.peft4j.methods.vera.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.internal.layers.FilePart;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The two random matrices that all layers of an adapter share; never trained. A layer takes as many of A's columns and B's rows as it has
 * inputs and outputs.
 *
 * <p>Shapes: A {@code [R, largest in]}; B {@code [largest out, R]}. Saved as {@code base_model.vera_A} and {@code base_model.vera_B}, if
 * they are to be saved; else they follow from the seed, bit for bit as in torch.
 */
final class Projections implements FilePart {

    private static final String KEY = "base_model.";

    /** Numbers of both together that are drawn at most, 1 GiB: a seed and a rank are all that a file says of them. */
    private static final long LARGEST = 1L << 28;

    private final Weight a;
    private final Weight b;
    private final long seed;
    private final boolean saved;
    private final List<String> layers;

    private Projections(Weight a, Weight b, long seed, boolean saved, List<String> layers) {
        this.a = a;
        this.b = b;
        this.seed = seed;
        this.saved = saved;
        this.layers = layers;
    }

    /**
     * The projections of an adapter: drawn at once if it is new, and when its values are loaded if it is not.
     *
     * @param saved whether they stand in the adapter's file
     * @param layers paths of the layers that share them
     * @throws IllegalArgumentException if they are to be drawn and are too large
     */
    static Projections of(
            Model<?> model,
            AttachContext context,
            long seed,
            int rank,
            long in,
            long out,
            boolean saved,
            List<String> layers) {
        boolean fromFile = saved && !context.initialise();
        if (!fromFile && rank * (in + out) > LARGEST) {
            throw new IllegalArgumentException("r = " + rank + " makes shared projections of " + rank * (in + out)
                    + " numbers, expected at most " + LARGEST + ": choose a smaller rank");
        }
        Scope scope = model.scope();
        Projections projections = new Projections(
                Weight.blank("vera_A", Precision.FLOAT32, scope, rank, in),
                Weight.blank("vera_B", Precision.FLOAT32, scope, out, rank),
                seed,
                saved,
                layers);
        if (context.initialise()) {
            projections.draw();
        }
        return projections;
    }

    @Override
    public void afterLoad() {
        if (!saved) {
            draw();
        }
    }

    private void draw() {
        TorchGenerator random = new TorchGenerator(seed);
        draw(a, random, a.shape().get(1));
        draw(b, random, b.shape().get(1));
    }

    /** Kaiming's uniform start for a rectifier: within sqrt(6 / inputs). */
    private static void draw(Weight weight, TorchGenerator random, long inputs) {
        double bound = Math.sqrt(3) * (Math.sqrt(2) / Math.sqrt((double) inputs));
        float[] values = random.uniform(bound, Math.toIntExact(weight.size()));
        weight.replace(weight.scope().floats(values, weight.shape().getShape()));
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

    /** Each layer of Hugging Face's has them too. */
    @Override
    public Map<String, String> aliases() {
        Map<String, String> aliases = new LinkedHashMap<>();
        for (String name : parameters().keySet()) {
            String end = name.substring(KEY.length());
            layers.forEach(path -> aliases.put(Adapter.KEY_PREFIX + path + "." + end, name));
        }
        return aliases;
    }

    @Override
    public void remove() {
        a.free();
        b.free();
    }
}
