package io.github.peft4j.training.internal.probe;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a model's output layer is given for rows: the features that the last linear function is of. */
final class Features {

    private Features() {}

    /** Stands around the output layer for a while and keeps what one thread gives it; outputs are as ever, for other threads too. */
    private static final class Tap extends Wrapper {
        private final Thread reader = Thread.currentThread();
        private float[] last = new float[0];

        private Tap(Module layer) {
            super(layer);
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            if (Thread.currentThread() == reader) {
                Kernels k = context.kernels();
                try (NDArray exact = k.cast(input.array(), Precision.FLOAT32)) {
                    last = k.toFloats(exact);
                }
            }
            return wrapped().forward(context, input);
        }
    }

    /**
     * Reads rows once, from the longest to the shortest.
     *
     * @param model one with a head that reads one hidden state of each row
     * @return [D] for each row, in their order; null if it was stopped
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     */
    static @Nullable List<float[]> of(Model<?> model, List<Row> rows, BooleanSupplier stop) {
        BaseModules modules = BaseModules.of(model);
        String path = Objects.requireNonNull(model.head().outputLayer());
        List<Tap> put = new ArrayList<>();
        try (Lease change = model.leases().unnoticedChange()) {
            modules.wrap(path, layer -> {
                put.add(new Tap(layer));
                return put.get(0);
            });
        }
        try {
            return read(model, put.get(0), rows, stop);
        } finally {
            try (Lease change = model.leases().unnoticedChange()) {
                modules.unwrap(path, put.get(0));
            }
        }
    }

    private static @Nullable List<float[]> read(Model<?> model, Tap tap, List<Row> rows, BooleanSupplier stop) {
        float[][] features = new float[rows.size()][];
        List<Integer> numbers = IntStream.range(0, rows.size()).boxed().toList();
        try (Lease whole = model.leases().hold(null)) {
            for (List<Integer> batch :
                    LengthBatches.of(numbers, number -> rows.get(number).length())) {
                if (stop.getAsBoolean()) {
                    return null;
                }
                List<int[]> ids = batch.stream()
                        .map(number -> rows.get(number).tokenIds())
                        .toList();
                ids.forEach(row -> ModelInput.requireTokens(row, model.vocabSize()));
                try (Scope scope = model.scope().child()) {
                    model.logits(scope, ModelInput.of(ids));
                }
                int width = tap.last.length / batch.size();
                for (int i = 0; i < batch.size(); i++) {
                    features[batch.get(i)] = Arrays.copyOfRange(tap.last, i * width, (i + 1) * width);
                }
            }
        }
        return Arrays.asList(features);
    }
}
