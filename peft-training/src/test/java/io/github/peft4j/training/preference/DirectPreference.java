package io.github.peft4j.training.preference;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Direct preference optimisation (Rafailov et al. 2023): \(-\log \sigma(\beta ((c - c_0) - (r - r_0)))\) for the log-probabilities c of what
 * was chosen and r of what was rejected, and those of the model without its adapter. An objective that is none of the library's.
 */
record DirectPreference(PeftModel<?> peft, double beta) implements Objective {

    @Override
    public String item() {
        return "row";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("beta", String.valueOf(beta));
    }

    @Override
    public int items(Model<?> model, Batch batch) {
        return batch.rows().size();
    }

    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        Batch pairs = pairs(batch);
        float[] reference = peft.withoutAdapters(() -> {
            try (Forward plain = Forward.inference(model.scope())) {
                return plain.kernels()
                        .toFloats(LanguageHead.rowLogProbabilities(plain, model, pairs)
                                .array());
            }
        });
        Kernels k = context.kernels();
        Activation policy = LanguageHead.rowLogProbabilities(context, model, pairs);
        float[] values = k.toFloats(policy.array());
        float[] gradient = new float[values.length];
        double loss = 0;
        for (int chosen = 0; chosen < values.length; chosen += 2) {
            int rejected = chosen + 1;
            double margin = beta * ((values[chosen] - reference[chosen]) - (values[rejected] - reference[rejected]));
            loss += Math.log1p(Math.exp(-margin));
            gradient[chosen] = (float) (-beta * weight / (1 + Math.exp(margin)));
            gradient[rejected] = -gradient[chosen];
        }
        if (policy.needsGradient()) {
            try (NDArray flowing = context.scope().floats(gradient, gradient.length)) {
                policy.accumulate(k.alias(flowing), k);
            }
        }
        return loss;
    }

    /** For each row what was chosen and what was rejected, each behind the row's own tokens. */
    private static Batch pairs(Batch batch) {
        List<Row> pairs = new ArrayList<>();
        for (Row row : batch.rows()) {
            Row.Target.Preference preference = (Row.Target.Preference) row.target();
            pairs.add(continued(row.tokenIds(), preference.chosen()));
            pairs.add(continued(row.tokenIds(), preference.rejected()));
        }
        return new Batch(pairs);
    }

    private static Row continued(int[] prompt, int[] continuation) {
        int[] all = Arrays.copyOf(prompt, prompt.length + continuation.length);
        System.arraycopy(continuation, 0, all, prompt.length, continuation.length);
        int[] labels = all.clone();
        Arrays.fill(labels, 0, prompt.length, Row.Target.IGNORED);
        return Row.of(all, labels);
    }
}
