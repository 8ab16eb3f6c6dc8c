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
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTuningMethodTest {

    /** As PEFT refuses them. */
    @ParameterizedTest
    @CsvSource({"distilbert, DistilBert", "modernbert, ModernBert"})
    void aModelThatTakesNoKeysAndValuesIsRefused(String name, String className) throws IOException {
        Path folder = Path.of("../peft-models/src/test/resources/golden/encoders", name + "-sequence");
        try (Model<SequenceHead> model = Models.load(folder, LoadOptions.on(Device.cpu()), SequenceHead.class)) {
            int arrays = model.scope().liveArrays();
            assertThatThrownBy(() -> PeftModel.attach(
                            model, PrefixTuningConfig.builder(2).build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "Model does not support past key values which are required for prefix tuning: " + className
                                    + "ForSequenceClassification takes none");
            assertThat(model.scope().liveArrays()).isEqualTo(arrays);
        }
    }
}
