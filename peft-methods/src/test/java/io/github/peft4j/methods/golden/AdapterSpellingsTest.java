package io.github.peft4j.methods.golden;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapter files with other keys, more tensors or other formats than Hugging Face PEFT writes today, and that it reads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdapterSpellingsTest {

    List<GoldenAdapter> cases() {
        return GoldenAdapter.all("spellings");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isReadAsPythonReadsIt(GoldenAdapter given) throws IOException {
        try (Model<LanguageHead> model = given.base(Precision.FLOAT32);
                GoldenTensors golden = given.golden()) {
            PeftModel.load(model, given.folder());
            SharedGolden.assertOutputs(model, golden);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isSavedInTodaysFormAndReadAgain(GoldenAdapter given, @TempDir Path folder) throws IOException {
        try (Model<LanguageHead> model = given.base(Precision.FLOAT32);
                GoldenTensors golden = given.golden()) {
            PeftModel<?> peft = PeftModel.load(model, given.folder());
            peft.save(folder);
            peft.unload();
            PeftModel.load(model, folder);
            SharedGolden.assertOutputs(model, golden);
        }
    }
}
