package io.github.peft4j.methods.lora;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyTraining;
import java.io.IOException;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * On a bfloat16 base Python computes the updates' products in float32, we in bfloat16 over float32 masters: the same up to bfloat16's
 * rounding, which both have in everything else.
 */
class LoraBfloat16Test {

    private final GoldenCase given = new GoldenCase("llama-plain");

    private static GoldenTensors golden() {
        return GoldenTensors.open(GoldenCase.ROOT.resolve("llama-plain-bfloat16.safetensors"));
    }

    private static double distance(float[] some, float[] others) {
        double square = 0;
        for (int i = 0; i < some.length; i++) {
            square += Math.pow((double) some[i] - others[i], 2);
        }
        return Math.sqrt(square / some.length);
    }

    @Test
    void logitsAreAsNearToFloat32sAsPythons() throws IOException {
        try (Model<LanguageHead> model = given.base(Precision.BFLOAT16);
                GoldenTensors exact = given.golden();
                GoldenTensors golden = golden()) {
            PeftModel.load(model, given.folder());
            List<Batch> rows = SharedGolden.rows();
            for (int row = 0; row < rows.size(); row++) {
                float[] wanted = exact.floats("logits." + row);
                double theirs = distance(golden.floats("logits." + row), wanted);
                double ours = distance(
                        SharedGolden.logits(model, rows.get(row).tokenIds().get(0)), wanted);
                assertThat(ours).isLessThan(2 * theirs);
            }
        }
    }

    @Test
    void tenStepsOfTrainingGoAsInPythonUpToRounding() throws IOException {
        try (Model<LanguageHead> model = given.base(Precision.BFLOAT16);
                GoldenTensors golden = golden()) {
            PeftModel<?> peft = PeftModel.load(model, given.folder());
            peft.setTrainable(AttachContext.DEFAULT_NAME);
            JsonNode trace = SharedGolden.metadata(golden, "trace");
            List<Double> losses = SharedGolden.numbers(trace.get("loss"));
            List<Batch> batches = SharedGolden.batches();
            ToyTraining.Settings settings = new ToyTraining.Settings(1, 1e-8, 0.01);
            try (ToyTraining training =
                    new ToyTraining(model, peft.adapter().trainable().values(), settings)) {
                for (int step = 0; step < batches.size(); step++) {
                    ToyTraining.Step done = training.step(batches.get(step), 0.01 * (10 - step) / 10);
                    assertThat(done.loss())
                            .as("loss of step %d", step)
                            .isCloseTo(losses.get(step), Offset.offset(0.05));
                }
            }
        }
    }
}
