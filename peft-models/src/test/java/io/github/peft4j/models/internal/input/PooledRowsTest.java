package io.github.peft4j.models.internal.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Golden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PooledRowsTest {

    /** They begin alike, as far as it takes to compute that once for all; the last token of each is not to count. */
    private static final List<Row> ROWS = IntStream.of(20, 12, 17)
            .mapToObj(length -> new Row(
                    IntStream.range(0, length)
                            .map(i -> i < 11 ? i + 1 : (i + length) % 37)
                            .toArray(),
                    Row.Target.NONE))
            .toList();

    @ParameterizedTest
    @EnumSource
    void areWhatPoolingMakesOfTheHiddenStatesOfWholeRows(Pooling.Mode mode) throws IOException {
        Pooling pooling = new Pooling(List.of(mode));
        try (Golden golden = Golden.of("llama");
                Model<LanguageHead> model = Models.load(golden.folder(), Device.cpu(), null);
                Scope scope = model.scope().child();
                Forward context = Forward.inference(model.scope())) {
            NDArray whole = model.hiddenStates(scope, ModelInput.ofRows(ROWS));
            Pooling.Spans spans = new Pooling.Spans(new long[] {0, 20, 32}, new long[] {18, 30, 47});
            float[] expected = scope.kernels()
                    .toFloats(pooling.of(context, Activation.constant(whole), spans)
                            .array());
            float[] found = context.kernels()
                    .toFloats(PooledRows.hidden(context, model, pooling, ROWS, ids -> ids.length - 2)
                            .array());
            assertThat(found).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(found[i]).isCloseTo(expected[i], within(1e-5f));
            }
        }
    }
}
