package io.github.peft4j.methods.prefixtuning.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.methods.prefixtuning.PrefixTuningConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PrefixTuningMethodTest {

    private static final Path CLASSIFIER =
            GoldenTensors.resource(PrefixTuningMethodTest.class, "/golden/encoders/base/modernbert-sequence");

    /** As PEFT refuses it. */
    @Test
    void aModelThatTakesNoKeysAndValuesIsRefused() throws IOException {
        try (Model<SequenceHead> model = Models.load(CLASSIFIER, LoadOptions.on(Device.cpu()), SequenceHead.class)) {
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(
                            model, PrefixTuningConfig.builder(2).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Model does not support past key values which are required for prefix tuning:"
                            + " ModernBertForSequenceClassification takes none");
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }
}
