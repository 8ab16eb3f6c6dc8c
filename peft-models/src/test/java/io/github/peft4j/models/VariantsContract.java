package io.github.peft4j.models;

import static io.github.peft4j.models.Golden.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.causal.internal.Decoding;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValueCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What else a config may say: the same weights, and the logits of transformers. */
abstract class VariantsContract extends GoldenModel {

    VariantsContract(String golden) {
        super(golden);
    }

    @TestFactory
    Stream<DynamicTest> readsWhatElseAConfigMaySay(@TempDir Path folder) {
        List<Map.Entry<String, JsonNode>> variants = new ArrayList<>();
        variants.addAll(golden.variants().properties());
        return IntStream.range(0, variants.size())
                .mapToObj(i -> DynamicTest.dynamicTest(
                        variants.get(i).getKey(), () -> variant(folder.resolve("variant" + i), variants.get(i))));
    }

    private void variant(Path folder, Map.Entry<String, JsonNode> change) throws IOException {
        golden.copy(folder, config -> {
            change.getValue().path("remove").forEach(key -> config.remove(key.textValue()));
            change.getValue().path("set").properties().forEach(e -> config.set(e.getKey(), e.getValue()));
        });
        try (Model<LanguageHead> changed = load(folder, Precision.FLOAT32)) {
            float[] expected = golden.floats("variant." + change.getKey());
            boolean stepwise = change.getValue().path("stepwise").booleanValue();
            float[] found = stepwise ? stepwise(changed) : logits(changed, input());
            assertClose(change.getKey(), found, expected, TOLERANCE);
        }
    }

    /** The logits of each row by itself, a token at a time. */
    private float[] stepwise(Model<LanguageHead> target) {
        List<float[]> found = new ArrayList<>();
        for (int[] row : golden.rows()) {
            try (Scope scope = target.scope().child();
                    KeyValueCache cache =
                            new KeyValueCache(scope, 1, target.config().layers())) {
                for (int place = 0; place < row.length; place++) {
                    ModelInput input = new ModelInput(
                            new int[] {row[place]}, new Rows(new int[] {1}, new int[] {place}), null, List.of());
                    found.add(scope.kernels().toFloats(new Decoding(target, cache).next(scope, input)));
                }
            }
        }
        return joined(found);
    }
}
