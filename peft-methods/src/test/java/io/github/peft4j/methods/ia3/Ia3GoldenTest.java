package io.github.peft4j.methods.ia3;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.methods.internal.layers.Golden;
import io.github.peft4j.methods.internal.layers.GoldenContract;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Ia3GoldenTest extends GoldenContract {

    @Override
    protected String method() {
        return "ia3";
    }

    @Test
    void adaptersThatAreActiveTogetherMultiplyAsInPythonAlsoMerged() throws IOException {
        Golden first = new Golden("ia3", "llama-default");
        Golden second = new Golden("ia3", "llama-regex");
        try (Model<LanguageHead> model = first.base();
                GoldenTensors golden = first.together("llama-regex")) {
            PeftModel<?> peft = PeftModel.load(model, first.folder());
            peft.load(second.folder(), "second");
            peft.setActive("default", "second");
            SharedGolden.assertOutputs(model, golden);
            float[] apart = ToyOutputs.logits(model);
            peft.mergeActive();
            assertClose("merged", ToyOutputs.logits(model), apart, 1e-5);
        }
    }

    @Test
    void theWeightedSumOfVectorsComputesWhatItComputesInPython() throws IOException {
        Golden first = new Golden("ia3", "llama-default");
        try (Model<LanguageHead> model = first.base();
                GoldenTensors golden = first.together("llama-random-combined")) {
            PeftModel<?> peft = PeftModel.load(model, first.folder());
            peft.load(new Golden("ia3", "llama-random").folder(), "second");
            peft.combine("combined", Map.of("default", 0.7, "second", -0.4), Combination.linear());
            peft.setActive("combined");
            SharedGolden.assertOutputs(model, golden);
        }
    }
}
